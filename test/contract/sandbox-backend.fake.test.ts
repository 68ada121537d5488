import type { PodTemplate } from '../../src/api/pod-template.js';
import { systemClock } from '../../src/runtime/system-clock.js';
import { createFakeBackend } from '../support/fake-backend.js';
import { sandboxBackendContract } from './sandbox-backend.contract.js';

const template: PodTemplate = { spec: { containers: [{ name: 'sandbox', image: 'fake:1' }] } };

sandboxBackendContract('fake', { users: false, terminals: false }, async () => {
  const backend = createFakeBackend({ clock: systemClock });
  return {
    backend,
    template,
    unknownUid: 'uid-of-nobody',
    vanish: async (uid) => backend.vanish(uid),
    kill: async (uid) => backend.kill(uid),
    close: async () => backend.close(),
  };
});
