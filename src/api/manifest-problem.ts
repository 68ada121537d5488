/** What is wrong in a manifest file, and where. */
export interface ManifestProblem {
  readonly file: string;
  /** Counted from 1; 1 also where the problem is the file as a whole. */
  readonly line: number;
  /** Counted from 1. */
  readonly column?: number;
  /** Which document of a file with several, counted from 1. */
  readonly document?: number;
  /** The field, from the root of its document: `spec.template.spec.containers[0].image`. Empty for the whole document. */
  readonly path: string;
  readonly message: string;
}

/** One line for people: `pool.yaml:7:3: spec.replicas must be …`. */
export const formatManifestProblem = (problem: ManifestProblem): string => {
  const { file, line, column, document, path, message } = problem;
  const where = column === undefined ? `${file}:${line}` : `${file}:${line}:${column}`;
  const which = document === undefined ? '' : `document ${document}: `;
  return `${where}: ${which}${path === '' ? '' : `${path} `}${message}`;
};
