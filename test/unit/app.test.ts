import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import * as E from 'fp-ts/lib/Either.js';
import { type App, startApp } from '../../src/app.js';
import { createClient, type WarmpoolClient } from '../../src/client/warmpool-client.js';
import { systemRandom } from '../../src/runtime/system-random.js';
import { type ManualClock, manualClock } from '../support/manual-clock.js';
import { poolManifest } from '../support/pool-manifest.js';
import { silentLogger } from '../support/silent-logger.js';

/** Longer than it takes to look at the files twice, and to try the engine again. */
const A_WHILE_MS = 5000;
const TRIES = 100;

describe('an operator whose engine does not answer', () => {
  let directory: string;
  let clock: ManualClock;
  let app: App;
  let client: WarmpoolClient;

  const write = (pools: Readonly<Record<string, number>>): void =>
    writeFileSync(
      join(directory, 'pools.yaml'),
      Object.entries(pools)
        .map(([name, replicas]) => JSON.stringify(poolManifest({ name, spec: { replicas } })))
        .join('\n---\n'),
    );

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'warmpool-app-'));
    write({ kept: 1, gone: 1 });
    clock = manualClock();
    const started = await startApp({
      manifests: [join(directory, 'pools.yaml')],
      stateDirectory: join(directory, 'state'),
      listen: { host: '127.0.0.1', port: 0 },
      docker: { kind: 'unix', socketPath: join(directory, 'no-engine.sock') },
      clock,
      random: systemRandom,
      logger: silentLogger,
      version: '1.2.3',
    })();
    if (E.isLeft(started)) throw new Error(JSON.stringify(started.left));
    app = started.right;
    client = createClient({ url: app.url });
  });

  afterEach(async () => {
    await client.close();
    await app.stop({ graceMs: 0, cleanup: false });
    rmSync(directory, { recursive: true, force: true });
  });

  /** The pools as they are shown, as soon as they are as wanted, or as they are after a long time. */
  const shown = async (wanted: readonly string[]): Promise<readonly string[]> => {
    let found: readonly string[] = [];
    for (let attempt = 0; attempt < TRIES; attempt += 1) {
      await clock.advance(A_WHILE_MS);
      const pools = await client.pools()();
      if (E.isLeft(pools)) throw new Error(pools.left.message);
      found = pools.right.map(({ metadata, spec, status }) => {
        const degraded = status?.conditions?.find(({ type }) => type === 'Degraded');
        return `${metadata.name} ${spec.replicas} ${degraded?.reason}`;
      });
      if (found.join() === wanted.join()) break;
    }
    return found;
  };

  it('shows its pools, and that it has no engine', async () => {
    const wanted = ['gone 1 BackendUnavailable', 'kept 1 BackendUnavailable'];
    expect(await shown(wanted)).toEqual(wanted);
  });

  it('follows its manifests all the same', async () => {
    write({ kept: 5, added: 2 });
    const wanted = ['added 2 BackendUnavailable', 'kept 5 BackendUnavailable'];
    expect(await shown(wanted)).toEqual(wanted);
  });
});
