import type { FastifyReply } from 'fastify';
import type { OutputName } from '../exec/command.js';
import type { ExecuteReply } from '../exec/execute.js';
import { fillGaps, outputGaps } from './output-json.js';
import { type OutputEncoding, outputText, prepareOutput } from './output-text.js';
import type { PrintedOutput } from './printed-output.js';
import { problemOf } from './problem.js';
import { timedOutError } from './routes/timed-out-error.js';
import { sendPieces } from './send-pieces.js';
import { asProblem, sendProblem } from './send-problem.js';
import { execView } from './views/exec-view.js';

/** More than this is written piece by piece; less is quicker in one string. */
const ONE_STRING_BYTES = 65_536;

/** Sends how a command ended and all that it printed, and lets go of `printed` when that is written. */
export const sendOutput = (
  reply: FastifyReply,
  printed: PrintedOutput,
  answer: {
    readonly ran: ExecuteReply;
    readonly wanted: OutputEncoding | undefined;
    readonly timeoutIsError: boolean;
  },
): FastifyReply => {
  const { ran, wanted, timeoutIsError } = answer;
  const { truncated, timedOut } = ran.result;
  const bytes = printed.bytes();
  const output = prepareOutput({ ...bytes, truncated }, wanted);
  const whole = (text: Readonly<Record<OutputName, string>>) => {
    const { stdout, stderr } = text;
    // spreading into an object that has members already takes ten times as long
    return Object.assign({ encoding: output.encoding, stdout, stderr }, execView(ran));
  };
  const failed = timedOut && timeoutIsError;
  if (bytes.stdout.length + bytes.stderr.length <= ONE_STRING_BYTES) {
    const body = whole(outputText(output));
    return failed ? sendProblem(reply, timedOutError(body)) : reply.send(body);
  }
  const body = whole(outputGaps);
  const json = JSON.stringify(failed ? problemOf(timedOutError(body)) : body);
  if (failed) asProblem(reply, timedOutError(body));
  else reply.header('content-type', 'application/json; charset=utf-8');
  return sendPieces(reply, fillGaps(json, output), printed.release);
};
