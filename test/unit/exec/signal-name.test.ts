import { describe, expect, it } from '@jest/globals';
import { signalName } from '../../../src/exec/signal-name.js';

describe('signalName', () => {
  it('names the signal that an exit status above 128 tells of', () => {
    expect([129, 134, 137, 139, 143].map(signalName)).toEqual([
      'SIGHUP',
      'SIGABRT',
      'SIGKILL',
      'SIGSEGV',
      'SIGTERM',
    ]);
  });

  it('names nothing for other statuses', () => {
    expect([0, 1, 127, 128, 255].map(signalName)).toEqual(Array(5).fill(undefined));
  });
});
