import { type FieldPath, type FieldProblem, valueAt } from './field-problem.js';

interface Unsupported {
  readonly path: FieldPath;
  /** Whether the given value asks for what is missing. */
  readonly asks: (value: unknown) => boolean;
  readonly message: string;
}

const NOT_YET = 'is not supported yet by this version';

const UNSUPPORTED: readonly Unsupported[] = [
  {
    path: ['spec', 'recycle', 'onRelease'],
    asks: (value) => value === 'Reset',
    message: `Reset ${NOT_YET}; use Replace or Reuse`,
  },
  {
    path: ['spec', 'recycle', 'schedule'],
    asks: (value) => value !== undefined,
    message: `${NOT_YET}; maxAgeSeconds replaces sandboxes by age`,
  },
  {
    path: ['spec', 'recycle', 'timeZone'],
    asks: (value) => value !== undefined && value !== 'Etc/UTC',
    message: `${NOT_YET}: it is of use only with a schedule`,
  },
  {
    path: ['spec', 'recycle', 'workspace'],
    asks: (value) => value === 'Carry',
    message: `Carry ${NOT_YET}; use Discard`,
  },
  {
    path: ['spec', 'health'],
    asks: (value) => value !== undefined,
    message: `${NOT_YET}; leave it out`,
  },
];

/**
 * The fields of a SandboxPool manifest that the format has and this version cannot honour. Takes the
 * manifest as it came, so that they are reported together with fields that are wrong.
 */
export const unsupportedFields = (manifest: unknown): readonly FieldProblem[] =>
  UNSUPPORTED.filter(({ path, asks }) => asks(valueAt(manifest, path))).map(
    ({ path, message }) => ({ path, message }),
  );
