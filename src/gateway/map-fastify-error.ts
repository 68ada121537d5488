import * as E from 'fp-ts/lib/Either.js';
import { errorCode } from './error-code.js';
import { type HttpError, invalidRequest } from './http-error.js';

/** Code of the error that the parser of bodies gives fastify; its message says what is wrong. */
export const BAD_JSON = 'WARMPOOL_BAD_JSON';

/** What fastify and its parsers refuse, as our own errors; undefined for anything else, which is a defect. */
export const mapFastifyError = (error: unknown, bodyLimit: number): HttpError | undefined => {
  switch (errorCode(error)) {
    case 'FST_ERR_BAD_URL':
      return invalidRequest([{ path: 'path', message: 'must be percent-encoded UTF-8' }]);
    case 'FST_ERR_MAX_PARAM_LENGTH':
      return { type: 'UriTooLong', message: 'a part of the path is too long' };
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return { type: 'BodyTooLarge', message: `a body has at most ${bodyLimit} bytes` };
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return {
        type: 'UnsupportedMediaType',
        message: 'send the body with the header "Content-Type: application/json"',
      };
    case BAD_JSON:
      return { type: 'MalformedBody', message: E.toError(error).message };
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return { type: 'MalformedBody', message: 'the body is not as long as Content-Length says' };
    case 'ECONNRESET':
      return { type: 'MalformedBody', message: 'the body ended too early' };
    default:
      return undefined;
  }
};
