import * as t from 'io-ts';

/** Fields beyond these are kept as they came: a newer warmpool may send more. */
const optional = <A>(codec: t.Type<A, unknown>) => t.union([codec, t.undefined]);

const Timings = t.readonly(
  t.type({ queueMs: t.number, leaseMs: t.number, execMs: t.number, totalMs: t.number }),
);

const exitFields = {
  /** 0..255; 124 when timed out, 128 + n after signal n. */
  exitCode: t.number,
  signal: optional(t.string),
  timedOut: t.boolean,
  canceled: optional(t.boolean),
  truncated: t.readonly(t.type({ stdout: t.boolean, stderr: t.boolean })),
  sandbox: t.string,
  leaseEpoch: t.number,
  /** Milliseconds. */
  timings: Timings,
};

/** How a command ended. */
export const ExecExit = t.readonly(t.type(exitFields));
export type ExecExit = t.TypeOf<typeof ExecExit>;

export const ExecReply = t.readonly(
  t.type({
    ...exitFields,
    encoding: t.union([t.literal('utf8'), t.literal('base64')]),
    stdout: t.string,
    stderr: t.string,
  }),
);
/** How a command ended, with its output in the encoding that it says. */
export type ExecReply = t.TypeOf<typeof ExecReply>;

const labels = t.readonly(t.record(t.string, t.string));

export const Lease = t.readonly(
  t.type({
    pool: t.string,
    namespace: t.string,
    tenant: t.string,
    thread: t.string,
    sandbox: t.string,
    epoch: t.number,
    /** ISO 8601, as all times here. */
    acquiredAt: t.string,
    expiresAt: t.string,
    lastActiveAt: t.string,
    labels,
    phase: t.string,
  }),
);
export type Lease = t.TypeOf<typeof Lease>;

export const LeaseList = t.readonly(
  t.type({ items: t.readonlyArray(Lease), queueLength: t.number }),
);
export type LeaseList = t.TypeOf<typeof LeaseList>;

const Condition = t.readonly(
  t.type({
    type: t.string,
    status: t.string,
    reason: optional(t.string),
    message: optional(t.string),
  }),
);

const PoolStatus = t.readonly(
  t.type({
    replicas: t.number,
    readyReplicas: t.number,
    leasedReplicas: t.number,
    updatedReplicas: t.number,
    conditions: optional(t.readonlyArray(Condition)),
  }),
);

const Container = t.readonly(t.type({ image: optional(t.string) }));

/** A SandboxPool object, as far as a client must understand it. */
export const Pool = t.readonly(
  t.type({
    metadata: t.readonly(
      t.type({ name: t.string, namespace: t.string, annotations: optional(labels) }),
    ),
    spec: t.readonly(
      t.type({
        replicas: t.number,
        maxSandboxes: optional(t.number),
        template: t.readonly(
          t.type({
            spec: t.readonly(t.type({ containers: t.readonlyArray(Container) })),
          }),
        ),
      }),
    ),
    status: optional(PoolStatus),
  }),
);
export type Pool = t.TypeOf<typeof Pool>;

export const PoolList = t.readonly(t.type({ items: t.readonlyArray(Pool) }));

export const SandboxItem = t.readonly(
  t.type({
    name: t.string,
    uid: optional(t.string),
    pool: t.string,
    namespace: t.string,
    phase: t.string,
    templateHash: t.string,
    createdAt: t.string,
    leases: t.number,
    reason: optional(t.string),
    thread: optional(t.string),
  }),
);
export type SandboxItem = t.TypeOf<typeof SandboxItem>;

export const SandboxList = t.readonly(t.type({ items: t.readonlyArray(SandboxItem) }));

export const TimelineItem = t.readonly(
  t.type({ at: t.string, phase: t.string, detail: optional(t.string) }),
);
export type TimelineItem = t.TypeOf<typeof TimelineItem>;

export const Timeline = t.readonly(t.type({ items: t.readonlyArray(TimelineItem) }));

export const Ready = t.readonly(t.type({ ready: t.literal(true) }));

export const Problem = t.readonly(
  t.type({
    type: t.string,
    title: t.string,
    status: t.number,
    detail: t.string,
    errors: optional(t.readonlyArray(t.readonly(t.type({ path: t.string, message: t.string })))),
    reasons: optional(t.readonlyArray(t.string)),
  }),
);
export type Problem = t.TypeOf<typeof Problem>;

const encoding = optional(t.literal('base64'));

/** One line of a streamed reply. */
export const StreamLine = t.union([
  t.readonly(t.type({ stdout: t.string, encoding })),
  t.readonly(t.type({ stderr: t.string, encoding })),
  t.readonly(t.type({ exit: ExecExit })),
  t.readonly(t.type({ error: Problem })),
]);
export type StreamLine = t.TypeOf<typeof StreamLine>;
