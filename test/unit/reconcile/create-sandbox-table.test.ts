import { describe, expect, it } from '@jest/globals';
import type { Phase } from '../../../src/core/pool/sandbox.js';
import type { ObservedSandbox } from '../../../src/ports/sandbox-backend.js';
import { createSandboxTable } from '../../../src/reconcile/create-sandbox-table.js';
import { manualClock } from '../../support/manual-clock.js';

const pool = { namespace: 'default', name: 'python' };
const seen = (uid: string, name = uid): ObservedSandbox => ({
  uid,
  name,
  pool,
  templateHash: 'h',
  createdAt: 5,
  state: 'Running',
});
const setUp = () => {
  const clock = manualClock();
  return { clock, table: createSandboxTable({ clock }) };
};

describe('the sandbox table', () => {
  it('gives the entry of a creation its uid, and leaves its phase alone', () => {
    const { table } = setUp();
    expect(table.startCreating({ name: 'a', pool, templateHash: 'h' })).toBe(true);
    expect(table.startCreating({ name: 'a', pool, templateHash: 'h' })).toBe(false);
    table.observe(seen('u1', 'a'), 'Ready', 3);
    expect(table.get('u1')).toEqual({
      name: 'a',
      uid: 'u1',
      pool,
      templateHash: 'h',
      createdAt: 5,
      phase: 'Creating',
      leases: 0,
    });
  });

  it('moves only from the phase that the caller believes it to be in', () => {
    const { table } = setUp();
    table.observe(seen('u1'), 'Ready', 0);
    expect(table.move('u1', 'Ready', 'Leased')).toBe(true);
    expect(table.move('u1', 'Ready', 'Terminating')).toBe(false);
    expect(table.get('u1')?.phase).toBe('Leased');
  });

  it('lets nothing out of Terminating', () => {
    const { table } = setUp();
    table.observe(seen('u1'), 'Terminating', 0);
    const phases: readonly Phase[] = ['Ready', 'Failed', 'Terminating'];
    expect(phases.map((to) => table.move('u1', 'Terminating', to))).toEqual([false, false, false]);
  });

  it('keeps the reason of the latest move only', () => {
    const { table } = setUp();
    table.observe(seen('u1'), 'Resetting', 1);
    table.move('u1', 'Resetting', 'Failed', 'CleanFailed: busy');
    expect(table.get('u1')?.reason).toBe('CleanFailed: busy');
  });

  it('knows a sandbox by its uid: another one of the same name replaces it', () => {
    const { table } = setUp();
    table.observe(seen('u1', 'a'), 'Leased', 1);
    table.observe(seen('u2', 'a'), 'Creating', 0);
    expect(table.get('u1')).toBeUndefined();
    expect(table.named('a')?.uid).toBe('u2');
    expect(table.list(pool)).toHaveLength(1);
  });

  it('tells every listener of all changes in the order in which they happened', () => {
    const { table } = setUp();
    const heard: string[] = [];
    table.subscribe(({ after }) => {
      if (after?.phase === 'Ready') table.move('u1', 'Ready', 'Leased');
    });
    const stop = table.subscribe(({ before, after }) =>
      heard.push(`${before?.phase ?? 'none'}>${after?.phase ?? 'none'}`),
    );
    table.observe(seen('u1'), 'Creating', 0);
    table.move('u1', 'Creating', 'Ready');
    table.remove('u1');
    stop();
    table.observe(seen('u2'), 'Creating', 0);
    expect(heard).toEqual(['none>Creating', 'Creating>Ready', 'Ready>Leased', 'Leased>none']);
  });

  it('forgets pools without sandboxes', () => {
    const { table } = setUp();
    table.observe(seen('u1'), 'Creating', 0);
    expect(table.pools()).toEqual([pool]);
    table.remove('u1');
    expect(table.pools()).toEqual([]);
  });

  it('tells the life of a sandbox, also after it went', async () => {
    const { table, clock } = setUp();
    table.startCreating({ name: 'a', pool, templateHash: 'h' });
    table.observe(seen('u1', 'a'), 'Creating', 0);
    await clock.advance(1000);
    table.move('u1', 'Creating', 'Ready');
    table.remove('a', 'removed');
    expect(table.timeline(pool, 'a')).toEqual([
      { at: clock.now() - 1000, phase: 'Creating' },
      { at: clock.now(), phase: 'Ready' },
      { at: clock.now(), phase: 'Gone', detail: 'removed' },
    ]);
    expect(table.timeline({ ...pool, name: 'other' }, 'a')).toBeUndefined();
  });

  it('notes in the timeline what changes no phase', () => {
    const { table } = setUp();
    table.observe(seen('u1', 'a'), 'Leased', 1);
    table.note('u1', 'to thread t');
    table.note('unknown', 'nothing');
    expect(table.timeline(pool, 'a')?.at(-1)).toMatchObject({
      phase: 'Leased',
      detail: 'to thread t',
    });
    expect(table.get('u1')?.reason).toBeUndefined();
  });

  it('bounds timelines: 200 events each, 100 sandboxes that went', () => {
    const { table } = setUp();
    table.observe(seen('u'), 'Ready', 0);
    for (let n = 0; n < 300; n += 1) {
      table.move('u', 'Ready', 'Leased');
      table.move('u', 'Leased', 'Ready');
    }
    expect(table.timeline(pool, 'u')).toHaveLength(200);
    expect(table.timeline(pool, 'u')?.[0]?.detail).toBe('adopted');
    for (let n = 0; n < 101; n += 1) {
      table.observe(seen(`u${n}`), 'Ready', 0);
      table.remove(`u${n}`);
    }
    expect(table.timeline(pool, 'u0')).toBeUndefined();
    expect(table.timeline(pool, 'u1')).toHaveLength(2);
  });
});
