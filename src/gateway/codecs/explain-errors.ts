import type * as t from 'io-ts';
import type { FieldProblem } from '../http-error.js';

const pathOf = (context: t.Context): string =>
  context
    .map(({ key }) => key)
    .filter((key) => key !== '')
    .join('.');

/** What a decoder found wrong, field by field. */
export const explainErrors = (errors: t.Errors): readonly FieldProblem[] =>
  errors.map((error) => ({
    path: pathOf(error.context),
    message: error.message ?? 'is not valid',
  }));
