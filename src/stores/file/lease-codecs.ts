import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import type { LeaseRecord, SandboxRecord } from '../../ports/lease-store.js';

const LeaseCodec = t.readonly(
  t.type({
    pool: t.type({ namespace: t.string, name: t.string }),
    tenant: t.string,
    thread: t.string,
    sandbox: t.type({ uid: t.string, name: t.string }),
    epoch: t.Int,
    acquiredAt: t.number,
    expiresAt: t.number,
    lastActiveAt: t.number,
    labels: t.record(t.string, t.string),
  }),
);

const SandboxCodec = t.readonly(t.type({ uid: t.string, leases: t.Int }));

/** Undefined for text that is not what this program writes. */
const decodeWith =
  <A>(codec: t.Decoder<unknown, A>) =>
  (text: string): A | undefined => {
    try {
      const decoded = codec.decode(JSON.parse(text));
      return E.isRight(decoded) ? decoded.right : undefined;
    } catch {
      return undefined;
    }
  };

export const decodeLease: (text: string) => LeaseRecord | undefined = decodeWith(LeaseCodec);
export const decodeSandbox: (text: string) => SandboxRecord | undefined = decodeWith(SandboxCodec);
export const decodeNumber: (text: string) => number | undefined = decodeWith(t.Int);
