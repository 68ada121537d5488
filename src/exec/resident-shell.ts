import type { Readable } from 'node:stream';
import type { Random } from '../ports/random.js';
import type { ExecEnd, ExecStream } from '../ports/sandbox-backend.js';
import type { OutputName } from './command.js';
import type { ResidentShell, ShellReply, ShellRequest } from './shell.js';
import {
  createTrailerScanner,
  directoryLine,
  NONCE_BYTES,
  parseTrailer,
  type RequestMode,
  requestLine,
  type ScanStep,
  type TrailerFields,
  type TrailerScanner,
} from './shell-protocol.js';

/** The request under way. It is over once both trailers came, or the shell is lost, and the sink is done. */
interface Running {
  readonly request: ShellRequest;
  readonly scanners: Readonly<Record<OutputName, TrailerScanner>>;
  readonly resolve: (reply: ShellReply) => void;
  readonly lastAct: boolean;
  fields: TrailerFields | undefined;
  stderrOver: boolean;
  stray: boolean;
  /** Chunks that the sink has not dealt with yet: one per output at most. */
  unsettled: number;
  lost: string | undefined;
}

const replyOf = (running: Running): ShellReply | undefined => {
  if (running.unsettled > 0) return undefined;
  if (running.fields !== undefined && running.stderrOver) {
    const { exitCode, dirty } = running.fields;
    return { type: 'Done', exitCode, dirty: dirty || running.stray };
  }
  return running.lost === undefined ? undefined : { type: 'Lost', message: running.lost };
};

const endMessage = (end: ExecEnd): string =>
  end.type === 'Lost' ? end.message : `the shell ended with status ${end.exitCode}`;

/** A shell that has greeted: `stream` carries nothing but the answers to our requests from now on. */
export const createResidentShell = (
  stream: ExecStream,
  pid: number,
  random: Pick<Random, 'token'>,
): ResidentShell => {
  let running: Running | undefined;
  /** The directory that the loop enters for a thread's command. */
  let directory: string | undefined;
  /** Why the shell takes no more requests. */
  let over: string | undefined;

  const settle = (): void => {
    if (running === undefined) return;
    const reply = replyOf(running);
    if (reply === undefined) return;
    const { resolve, lastAct } = running;
    running = undefined;
    if (lastAct) end('the shell was used up');
    resolve(reply);
  };

  /** Takes no more requests; what is under way will not be answered. */
  const end = (reason: string): void => {
    if (over === undefined) {
      over = reason;
      stream.stdin.end();
      stream.close();
    }
    if (running !== undefined) running.lost ??= reason;
    settle();
  };

  const deliver = (command: Running, name: OutputName, bytes: Buffer): void => {
    const held = command.request.sink(name, bytes);
    if (held === undefined) return;
    const source: Readable = stream[name];
    const release = (): void => {
      command.unsettled -= 1;
      source.resume();
      settle();
    };
    command.unsettled += 1;
    source.pause();
    held.then(release, release);
  };

  const takeTrailer = (command: Running, name: OutputName, trailer: string): void => {
    if (name === 'stdout') command.fields = parseTrailer(trailer);
    else command.stderrOver = trailer === '';
    const understood = name === 'stdout' ? command.fields !== undefined : command.stderrOver;
    if (!understood) end('the shell broke the protocol');
  };

  const apply = (command: Running, name: OutputName, step: ScanStep): void => {
    if (step.output !== undefined) deliver(command, name, step.output);
    if (step.stray === true) command.stray = true;
    if (step.broken === true) end('the shell broke the protocol');
    if (step.trailer !== undefined) takeTrailer(command, name, step.trailer);
    settle();
  };

  const listen = (name: OutputName): void => {
    stream[name].on('data', (chunk: Buffer) => {
      if (over !== undefined) return;
      if (running !== undefined) apply(running, name, running.scanners[name].push(chunk));
      else end('output came while no command was running');
    });
  };

  /** One write, so that the shell wakes once. */
  const requestText = (
    nonce: string,
    mode: RequestMode,
    { script, place }: ShellRequest,
  ): string => {
    if (place === undefined) return requestLine(nonce, mode, { script });
    const line = requestLine(nonce, mode, { script, marker: place.marker });
    if (place.directory === directory) return line;
    directory = place.directory;
    return directoryLine(directory) + line;
  };

  const start = (request: ShellRequest, mode: RequestMode): Promise<ShellReply> => {
    if (running !== undefined) throw new Error('the shell is busy');
    if (over !== undefined) return Promise.resolve({ type: 'Lost', message: over });
    const nonce = random.token(NONCE_BYTES);
    return new Promise((resolve) => {
      running = {
        request,
        scanners: { stdout: createTrailerScanner(nonce), stderr: createTrailerScanner(nonce) },
        resolve,
        lastAct: mode === 'become',
        fields: undefined,
        stderrOver: false,
        stray: false,
        unsettled: 0,
        lost: undefined,
      };
      stream.stdin.write(requestText(nonce, mode, request));
    });
  };

  listen('stdout');
  listen('stderr');
  const closed = stream.ended.then((ended) => end(endMessage(ended)));

  return {
    pid,
    closed,
    get busy() {
      return running !== undefined;
    },
    get alive() {
      return over === undefined;
    },
    run: (request) => start(request, request.direct === true ? 'direct' : 'subshell'),
    become: (request, stdin) => {
      const reply = start(request, 'become');
      if (over === undefined) stream.stdin.end(stdin);
      return reply;
    },
    close: () => end('the shell was closed'),
  };
};
