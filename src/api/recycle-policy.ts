import { object, optional, withDefault } from './schema/object.js';
import { integer, oneOf, text } from './schema/scalars.js';

const DAY = 86_400;
const THIRTY_DAYS = 30 * DAY;

/** When and how sandboxes are replaced. */
export const recycle = object(
  {
    onRelease: withDefault(
      oneOf(['Replace', 'Reset', 'Reuse'], {
        description:
          'What becomes of a sandbox that is given back. Replace: a new one takes its place. Reset: it is made as good as new and verified. Reuse: its processes end and its working directory is emptied, other files stay: for threads that trust one another.',
      }),
      'Replace',
    ),
    maxAgeSeconds: withDefault(
      integer({
        description:
          'A sandbox older than this is replaced; each at its own moment near it, so that not all go at once.',
        min: 60,
        max: THIRTY_DAYS,
      }),
      21_600,
    ),
    maxLeases: withDefault(
      integer({
        description: 'A sandbox that has had so many leases is replaced.',
        min: 1,
        max: 1_000_000,
      }),
      50,
    ),
    schedule: optional(
      text({
        description: 'When all sandboxes are replaced: a cron expression of five fields.',
        minLength: 9,
        maxLength: 256,
        pattern: '^\\S+( +\\S+){4}$',
        means: 'a cron expression of five fields, such as "0 4 * * *"',
      }),
    ),
    timeZone: withDefault(
      text({
        description: 'The time zone of the schedule.',
        minLength: 1,
        maxLength: 64,
        pattern: '^[A-Za-z0-9_+/-]+$',
        means: 'the name of a time zone, such as Europe/Berlin',
      }),
      'Etc/UTC',
    ),
    drainSeconds: withDefault(
      integer({
        description: 'How long the lease of a sandbox that must go may still last.',
        min: 0,
        max: DAY,
      }),
      300,
    ),
    workspace: withDefault(
      oneOf(['Discard', 'Carry'], {
        description:
          'Whether the files of a thread move to its new sandbox when a leased one is replaced.',
      }),
      'Discard',
    ),
  },
  { description: 'When and how sandboxes are replaced.' },
);
