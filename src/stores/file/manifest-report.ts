import { formatManifestProblem, type ManifestProblem } from '../../api/read-manifests.js';
import type { Logger } from '../../ports/logger.js';

/** Logs problems that are new, and files that have none any more; what stays as it was is not said again. */
export const reportProblems = (
  logger: Logger,
  problems: {
    readonly before: readonly ManifestProblem[];
    readonly after: readonly ManifestProblem[];
  },
): void => {
  const { before, after } = problems;
  const known = new Set(before.map(formatManifestProblem));
  for (const problem of after) {
    const text = formatManifestProblem(problem);
    if (known.has(text)) continue;
    const { file, line, path } = problem;
    logger.warn(
      { file, line, path, error: text },
      'manifest cannot be used, pools stay as they were',
    );
  }
  const wrong = new Set(after.map(({ file }) => file));
  for (const file of new Set(before.map((problem) => problem.file))) {
    if (!wrong.has(file)) logger.info({ file }, 'manifest is in order again');
  }
};
