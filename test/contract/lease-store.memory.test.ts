import { memoryLeaseStore } from '../support/memory-lease-store.js';
import { leaseStoreContract } from './lease-store.contract.js';

leaseStoreContract('in memory', async () => {
  let last = memoryLeaseStore();
  return {
    open: async () => {
      last = last.reopen();
      return last;
    },
    dispose: async () => undefined,
  };
});
