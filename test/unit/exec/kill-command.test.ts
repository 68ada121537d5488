import { describe, expect, it } from '@jest/globals';
import { type KillSignal, killCommand, type Sighting } from '../../../src/exec/kill-command.js';
import { manualClock } from '../../support/manual-clock.js';

const never = new Promise<void>(() => undefined);

/** Answers each signal in turn, the last one for good; remembers what was sent, and when. */
const scripted = (answers: readonly Sighting[]) => {
  const clock = manualClock();
  const sent: (readonly [KillSignal, number])[] = [];
  const send = async (signal: KillSignal): Promise<Sighting> => {
    sent.push([signal, clock.monotonic()]);
    return answers[Math.min(sent.length, answers.length) - 1] ?? 'Nothing';
  };
  return { clock, sent, send };
};

describe('killCommand', () => {
  it('sends nothing more once nothing is left', async () => {
    const { clock, sent, send } = scripted(['Something', 'Nothing']);
    const over = Promise.resolve();
    expect(await killCommand(clock, send, { over, insist: true })).toBe('Dead');
    expect(sent.map(([signal]) => signal)).toEqual(['TERM', '0']);
  });

  it('gives what ignores TERM 2 s, then kills it', async () => {
    const { clock, sent, send } = scripted(['Something']);
    const killed = killCommand(clock, send, { over: never, insist: true });
    await clock.advance(1999);
    expect(sent.map(([signal]) => signal)).not.toContain('KILL');
    await clock.advance(60_000);
    expect(await killed).toBe('Alive');
    expect(sent.filter(([signal]) => signal === 'KILL').length).toBeGreaterThan(3);
  });

  it('gives the daemons of a command that is over their grace, too', async () => {
    const { clock, sent, send } = scripted(['Something']);
    void killCommand(clock, send, { over: Promise.resolve(), insist: true });
    await clock.advance(1900);
    expect(sent.map(([signal]) => signal)).not.toContain('KILL');
    await clock.advance(200);
    expect(sent.map(([signal]) => signal)).toContain('KILL');
  });

  it('is not content until somebody looked and saw nothing', async () => {
    const { clock, send } = scripted(['Unknown']);
    const killed = killCommand(clock, send, { over: never, insist: true });
    await clock.advance(60_000);
    expect(await killed).toBe('Unseen');
  });

  it('finds out in the end although nobody could look at first', async () => {
    const { clock, send } = scripted(['Unknown', 'Unknown', 'Something', 'Nothing']);
    const killed = killCommand(clock, send, { over: never, insist: true });
    await clock.advance(60_000);
    expect(await killed).toBe('Dead');
  });

  it('gives up at once, where it is not to insist', async () => {
    const { clock, sent, send } = scripted(['Unknown']);
    expect(await killCommand(clock, send, { over: never, insist: false })).toBe('Unseen');
    expect(sent).toHaveLength(1);
  });

  it('has nothing to do in a sandbox that is gone', async () => {
    const { clock, send } = scripted(['Gone']);
    expect(await killCommand(clock, send, { over: never, insist: true })).toBe('Gone');
  });

  it('ends within 30 s even where each look takes its time', async () => {
    const clock = manualClock();
    const send = (): Promise<Sighting> =>
      new Promise((resolve) => void clock.setTimer(5000, () => resolve('Unknown')));
    const killed = killCommand(clock, send, { over: never, insist: true });
    await clock.advance(30_000);
    expect(await killed).toBe('Unseen');
  });
});
