import { describe, expect, it } from '@jest/globals';
import { notKilled } from '../../../src/exec/not-killed.js';

describe('notKilled', () => {
  it('says of a sandbox that went away under a command that the command had begun', () => {
    expect(notKilled('u', 'Gone')).toMatchObject({ type: 'SandboxGone', uid: 'u', begun: true });
  });

  it.each(['Alive', 'Unseen'] as const)('calls a command unkillable that was %s', (outcome) => {
    expect(notKilled('u', outcome)).toMatchObject({ type: 'Unkillable', uid: 'u' });
  });
});
