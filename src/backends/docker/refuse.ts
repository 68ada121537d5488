import { type FieldPath, fieldPathText } from '../../api/field-problem.js';
import { isObject } from '../../api/schema/map.js';
import type { TemplateProblem } from '../../ports/sandbox-backend.js';

/** Notes a field that Docker cannot honour; the path counts from the pool's root. */
export type Refuse = (path: FieldPath, message: string) => void;

/** Where problems gather while a template is mapped. */
export const gatherProblems = (): {
  readonly refuse: Refuse;
  readonly problems: readonly TemplateProblem[];
} => {
  const problems: TemplateProblem[] = [];
  return {
    refuse: (path, message) => void problems.push({ path: fieldPathText(path), message }),
    problems,
  };
};

/** Whether a value asks for nothing: manifests made by other programs are full of these. */
const isEmpty = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  (Array.isArray(value) && value.length === 0) ||
  (isObject(value) && Object.keys(value).length === 0);

export interface KnownFields {
  /** Fields that somebody else looks at. */
  readonly mapped: readonly string[];
  /** Fields with the one value that asks for what Docker does anyway. */
  readonly granted?: Readonly<Record<string, unknown>>;
}

/** Refuses every field that is neither mapped nor asks for what Docker does anyway. */
export const refuseOthers = (
  value: object,
  known: KnownFields,
  path: FieldPath,
  refuse: Refuse,
): void => {
  const granted = new Map(Object.entries(known.granted ?? {}));
  for (const [name, given] of Object.entries(value)) {
    if (known.mapped.includes(name) || isEmpty(given)) continue;
    if (granted.has(name) && granted.get(name) === given) continue;
    refuse([...path, name], 'has no counterpart on Docker');
  }
};
