import type { FastifyReply } from 'fastify';
import * as E from 'fp-ts/lib/Either.js';
import type { OutputName, OutputSink } from '../../exec/command.js';
import type { ExecuteReply, ExecuteRequest } from '../../exec/execute.js';
import { clientGone } from '../client-gone.js';
import type { ExecBody } from '../codecs/exec-body.js';
import type { GatewayDeps } from '../gateway-deps.js';
import { type NdjsonReply, ndjsonReply } from '../ndjson-reply.js';
import { type OutputPiece, type OutputPieces, outputPieces } from '../output-pieces.js';
import { problemOf } from '../problem.js';
import type { GatewayError } from '../problem-table.js';
import { sendProblem } from '../send-problem.js';
import { execView } from '../views/exec-view.js';
import { timedOutError } from './timed-out-error.js';

const NAMES: readonly OutputName[] = ['stdout', 'stderr'];

const lineOf = (output: OutputName, piece: OutputPiece): unknown => ({
  [output]: piece.text,
  ...(piece.encoding === undefined ? {} : { encoding: piece.encoding }),
});

const lastLine = (reply: ExecuteReply, timeoutIsError: boolean): unknown => {
  const exit = execView(reply);
  return exit.timedOut && timeoutIsError ? { error: problemOf(timedOutError(exit)) } : { exit };
};

/** A failure before any output has a status of its own; after it, a line has to say so. */
const fail = (reply: FastifyReply, lines: NdjsonReply, error: GatewayError): FastifyReply => {
  if (!lines.started()) return sendProblem(reply, error);
  lines.end({ error: problemOf(error) });
  return reply;
};

/** Runs the command and passes its output on as it comes, as fast as the client reads and no faster. */
export const streamExec = async (
  deps: GatewayDeps,
  request: ExecuteRequest,
  options: { readonly body: ExecBody; readonly reply: FastifyReply },
): Promise<FastifyReply> => {
  const { body, reply } = options;
  const pieces: Readonly<Record<OutputName, OutputPieces>> = {
    stdout: outputPieces(body.encoding),
    stderr: outputPieces(body.encoding),
  };
  const lines = ndjsonReply(reply);
  const sink: OutputSink = (output, bytes) => {
    const piece = pieces[output].next(bytes);
    return piece === undefined ? undefined : lines.write(lineOf(output, piece));
  };
  try {
    const outcome = await deps.execute(request, sink, clientGone(reply))();
    if (E.isLeft(outcome)) return fail(reply, lines, outcome.left);
    for (const name of NAMES) {
      const rest = pieces[name].rest();
      if (rest !== undefined) await lines.write(lineOf(name, rest));
    }
    lines.end(lastLine(outcome.right, body.timeoutIsError === true));
    return reply;
  } catch (error) {
    deps.logger.error({ error, thread: request.thread }, 'command failed in an unforeseen way');
    return fail(reply, lines, { type: 'InternalError', message: 'see the log of warmpool' });
  }
};
