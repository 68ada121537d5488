import { Writable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { waitingLine } from '../../../src/cli/waiting-line.js';
import { deferred } from '../../support/deferred.js';
import { manualClock, settle } from '../../support/manual-clock.js';

const CLEARED = '\r\u001b[K';
const line = (seconds: number): string =>
  `${CLEARED}waiting for a sandbox of pool python (${seconds} s)…`;

const world = (
  more: { readonly terminal?: boolean; readonly waits?: () => Promise<boolean> } = {},
) => {
  let text = '';
  const stderr = new Writable({
    write: (chunk: Buffer, _encoding, next) => {
      text += chunk.toString();
      next();
    },
  });
  const clock = manualClock();
  const waiting = waitingLine(
    { stderr, clock, stderrIsTty: more.terminal ?? true },
    { pool: 'python', waits: more.waits ?? (async () => true) },
  );
  return { clock, waiting, text: () => text };
};

describe('the line that says that a command waits for its sandbox', () => {
  it('comes after a second, counts, and is taken away at the end', async () => {
    const { clock, waiting, text } = world();
    await clock.advance(999);
    expect(text()).toBe('');
    await clock.advance(1001);
    expect(text()).toBe(line(1) + line(2));
    await waiting.end();
    await waiting.end();
    await clock.advance(10_000);
    expect(text()).toBe(line(1) + line(2) + CLEARED);
    expect(clock.timers()).toBe(0);
  });

  it('does not come when the end is sooner', async () => {
    const { clock, waiting, text } = world();
    await clock.advance(999);
    await waiting.end();
    await clock.advance(10_000);
    expect(text()).toBe('');
  });

  it('does not come where stderr is no terminal, and nobody is asked', async () => {
    const asked: string[] = [];
    const { clock, waiting, text } = world({
      terminal: false,
      waits: async () => asked.push('') > 0,
    });
    await clock.advance(10_000);
    await waiting.end();
    expect([text(), asked]).toEqual(['', []]);
  });

  it('goes when the wait is over, though the command prints nothing', async () => {
    let waits = true;
    const { clock, text } = world({ waits: async () => waits });
    await clock.advance(1000);
    waits = false;
    await clock.advance(10_000);
    expect(text()).toBe(line(1) + CLEARED);
    expect(clock.timers()).toBe(0);
  });

  it('stays away when output came while warmpool was asked', async () => {
    const answer = deferred<boolean>();
    const { clock, waiting, text } = world({ waits: () => answer.promise });
    await clock.advance(1000);
    await waiting.end();
    answer.resolve(true);
    await settle();
    expect([text(), clock.timers()]).toEqual(['', 0]);
  });
});
