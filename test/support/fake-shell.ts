import * as E from 'fp-ts/lib/Either.js';
import type { OutputName } from '../../src/exec/command.js';
import type { OpenFailure, OpenOne } from '../../src/exec/open-failure.js';
import type { ResidentShell, ShellReply, ShellRequest } from '../../src/exec/shell.js';
import { type Deferred, deferred } from './deferred.js';

/** A shell that does as the test tells it. */
export interface FakeShell extends ResidentShell {
  /** What it was asked to run, in order. */
  readonly requests: readonly (ShellRequest & { readonly stdin?: Uint8Array })[];
  /** Output of the request under way. */
  readonly print: (output: OutputName, text: string) => void | Promise<void>;
  /** Ends the request under way. */
  readonly reply: (reply: ShellReply) => void;
  /** The stream breaks. */
  readonly die: () => void;
}

/** Answers our own scripts (`direct`) at once; undefined leaves them without an answer. */
export type AnswerDirect = (script: string, shell: FakeShell) => string | undefined;

export const fakeShell = (pid: number, answerDirect: AnswerDirect = () => '0\n'): FakeShell => {
  const requests: (ShellRequest & { readonly stdin?: Uint8Array })[] = [];
  const ended = deferred<void>();
  let running: Deferred<ShellReply> | undefined;
  let alive = true;
  const settle = (reply: ShellReply): void => {
    const under = running;
    running = undefined;
    under?.resolve(reply);
  };
  const end = (message: string): void => {
    if (!alive) return;
    alive = false;
    settle({ type: 'Lost', message });
    ended.resolve(undefined);
  };
  const start = (request: FakeShell['requests'][number]): Promise<ShellReply> => {
    if (running !== undefined) throw new Error('the shell is busy');
    if (!alive) return Promise.resolve({ type: 'Lost', message: 'the shell is gone' });
    requests.push(request);
    running = deferred<ShellReply>();
    const { promise } = running;
    const answer = request.direct === true ? answerDirect(request.script, shell) : undefined;
    if (answer !== undefined) {
      void request.sink('stdout', Buffer.from(answer));
      settle({ type: 'Done', exitCode: 0, dirty: false });
    }
    return promise;
  };
  const shell: FakeShell = {
    pid,
    requests,
    get busy() {
      return running !== undefined;
    },
    get alive() {
      return alive;
    },
    closed: ended.promise,
    run: (request) => start(request),
    become: (request, stdin) => start({ ...request, stdin }),
    print: (output, text) => requests.at(-1)?.sink(output, Buffer.from(text)),
    reply: settle,
    close: () => end('the shell was closed'),
    die: () => end('the stream broke'),
  };
  return shell;
};

/** Opens fake shells: at once, or as the test decides. */
export interface FakeOpener {
  readonly open: OpenOne;
  /** Shells that were opened, in order. */
  readonly shells: readonly FakeShell[];
  /** How often a shell was asked for. */
  readonly tries: () => number;
  /** From now on every try fails so; undefined lets them succeed. */
  readonly failWith: (failure: OpenFailure | undefined) => void;
  /** From now on tries hang until this is called again with false. */
  readonly hold: (held: boolean) => void;
}

export const fakeOpener = (answerDirect?: AnswerDirect): FakeOpener => {
  const shells: FakeShell[] = [];
  const held: (() => void)[] = [];
  let failure: OpenFailure | undefined;
  let holding = false;
  let tries = 0;
  return {
    shells,
    tries: () => tries,
    failWith: (next) => {
      failure = next;
    },
    hold: (next) => {
      holding = next;
      if (!next) for (const release of held.splice(0)) release();
    },
    open: async () => {
      tries += 1;
      if (holding) await new Promise<void>((resolve) => held.push(resolve));
      if (failure !== undefined) return E.left(failure);
      const shell = fakeShell(100 + shells.length, answerDirect);
      shells.push(shell);
      return E.right(shell);
    },
  };
};
