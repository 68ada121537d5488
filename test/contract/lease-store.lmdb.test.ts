import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import { openLeaseStore } from '../../src/stores/file/lease-store.js';
import { silentLogger } from '../support/silent-logger.js';
import { leaseStoreContract } from './lease-store.contract.js';

leaseStoreContract('in a file', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'warmpool-leases-'));
  return {
    open: async () => {
      const store = await openLeaseStore({ directory, logger: silentLogger })();
      if (E.isLeft(store)) throw new Error(store.left.message);
      return store.right;
    },
    dispose: async () => rmSync(directory, { recursive: true, force: true }),
  };
});
