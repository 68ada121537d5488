import type { Socket } from 'node:net';
import type { HttpError } from './http-error.js';
import { problemOf } from './problem.js';
import { PROBLEM_CONTENT_TYPE } from './send-problem.js';

const errorOf = (code: string | undefined): HttpError => {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return { type: 'HeadersTooLarge', message: 'request line and headers have at most 16 KiB' };
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return { type: 'RequestTimeout', message: 'the request did not arrive in time' };
    default:
      return { type: 'MalformedBody', message: 'this is not HTTP/1.1' };
  }
};

/** Answers what cannot be read as HTTP at all, and closes the connection. */
export const onClientError = (error: { readonly code?: string | undefined }, socket: Socket) => {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const problem = problemOf(errorOf(error.code));
  const body = JSON.stringify(problem);
  const head = [
    `HTTP/1.1 ${problem.status} ${problem.title}`,
    `content-type: ${PROBLEM_CONTENT_TYPE}`,
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
};
