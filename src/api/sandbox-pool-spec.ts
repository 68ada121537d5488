import type * as t from 'io-ts';
import { absolutePath } from './names.js';
import { PodTemplate } from './pod-template.js';
import { recycle } from './recycle-policy.js';
import { list } from './schema/list.js';
import { object, optional, required, withDefault } from './schema/object.js';
import { integer, integerOrText, text } from './schema/scalars.js';

/** One engine holds hundreds of sandboxes; a pool beyond a thousand is a typing error. */
const MAX_REPLICAS = 1000;
/** Leased sandboxes come on top of the warm ones. */
const MAX_SANDBOXES = 10_000;
const DAY = 86_400;
const THIRTY_DAYS = 30 * DAY;
/** Output is held in memory unless it is streamed. */
const MAX_OUTPUT_BYTES = 1_073_741_824;

const lease = object(
  {
    durationSeconds: withDefault(
      integer({
        description: 'A lease ends after this long unless it is renewed.',
        min: 1,
        max: THIRTY_DAYS,
      }),
      3600,
    ),
    idleTimeoutSeconds: withDefault(
      integer({
        description:
          'A lease ends after this long without a command. A running command counts as activity.',
        min: 1,
        max: THIRTY_DAYS,
      }),
      600,
    ),
    queue: withDefault(
      object(
        {
          maxLength: withDefault(
            integer({
              description: 'So many callers may wait; the next one is refused at once.',
              min: 0,
              max: 100_000,
            }),
            100,
          ),
          timeoutSeconds: withDefault(
            integer({ description: 'A caller waits at most this long.', min: 0, max: 3600 }),
            30,
          ),
        },
        { description: 'Where callers wait when no sandbox is ready: first come, first served.' },
      ),
      {},
    ),
  },
  { description: 'How long threads keep sandboxes.' },
);

const health = object(
  {
    command: required(
      list(text({ description: 'One word; never seen by a shell.', maxLength: 32_768 }), {
        description: 'Succeeds in a healthy sandbox. Runs over a shell that is open already.',
        minItems: 1,
        maxItems: 256,
      }),
    ),
    periodSeconds: withDefault(
      integer({ description: 'Time between two probes.', min: 1, max: DAY }),
      30,
    ),
    timeoutSeconds: withDefault(
      integer({ description: 'A probe that takes longer has failed.', min: 1, max: 3600 }),
      5,
    ),
    failureThreshold: withDefault(
      integer({
        description: 'So many failures in a row, and the sandbox is replaced.',
        min: 1,
        max: 100,
      }),
      3,
    ),
  },
  { description: 'How to tell whether a warm sandbox still works.' },
);

const exec = object(
  {
    workingDirectory: withDefault(
      absolutePath('Each thread works in a directory of its own below this one.'),
      '/workspace',
    ),
    residentShells: withDefault(
      integer({
        description: 'Shells kept open in each sandbox; more are opened on demand.',
        min: 0,
        max: 16,
      }),
      2,
    ),
    timeoutSeconds: withDefault(
      integer({
        description: 'A command that runs longer is killed, unless its caller says otherwise.',
        min: 1,
        max: DAY,
      }),
      60,
    ),
    maxOutputBytes: withDefault(
      integer({
        description:
          'Output beyond this is dropped and the reply says so; counted for stdout and stderr apart.',
        min: 0,
        max: MAX_OUTPUT_BYTES,
      }),
      10_485_760,
    ),
  },
  { description: 'How commands run.' },
);

const updateStrategy = object(
  {
    maxUnavailable: withDefault(
      integerOrText({
        description:
          'How many of the wanted warm sandboxes may be missing at a time while the template rolls over: a number, or a share of replicas that is rounded down, but to no less than one.',
        maxLength: 4,
        pattern: '^([1-9][0-9]?|100)%$',
        means: 'a share from "1%" to "100%"',
        min: 1,
        max: MAX_REPLICAS,
      }),
      '25%',
    ),
  },
  { description: 'How sandboxes are replaced when the template changes.' },
);

/** What a pool is to be. */
export const SandboxPoolSpec = object(
  {
    replicas: withDefault(
      integer({
        description: 'Warm sandboxes to hold ready, leased ones not counted.',
        min: 0,
        max: MAX_REPLICAS,
      }),
      1,
    ),
    maxSandboxes: optional(
      integer({
        description:
          'Ceiling on all sandboxes of the pool, leased ones included; four times replicas, but at least 20, when absent.',
        min: 1,
        max: MAX_SANDBOXES,
      }),
    ),
    template: required(PodTemplate),
    lease: withDefault(lease, {}),
    recycle: withDefault(recycle, {}),
    health: optional(health),
    exec: withDefault(exec, {}),
    updateStrategy: withDefault(updateStrategy, {}),
  },
  {
    description: 'What the pool is to be.',
    rules: [
      {
        cel: '!has(self.maxSandboxes) || self.maxSandboxes >= self.replicas',
        message: 'must be at least as large as replicas',
        field: 'maxSandboxes',
        holds: ({ maxSandboxes, replicas }) =>
          maxSandboxes === undefined || replicas === undefined || maxSandboxes >= replicas,
      },
      {
        cel: '!has(self.health) || self.health.timeoutSeconds <= self.health.periodSeconds',
        message: 'must have a timeoutSeconds no longer than its periodSeconds',
        field: 'health',
        holds: ({ health: probe }) =>
          probe === undefined || probe.timeoutSeconds <= probe.periodSeconds,
      },
    ],
  },
);
export type SandboxPoolSpec = t.TypeOf<typeof SandboxPoolSpec>;
