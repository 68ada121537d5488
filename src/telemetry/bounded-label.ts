/** What a label says once its values have become too many. */
export const OTHER = 'other';

/**
 * Keeps a label's values few: the first `limit` different ones pass, later new ones become `other`.
 * A label that takes whatever text an error holds would otherwise grow series without end.
 */
export const boundedLabel = (limit: number): ((value: string) => string) => {
  const known = new Set<string>();
  return (value) => {
    if (known.has(value)) return value;
    if (known.size >= limit || !/^[A-Za-z][\w-]{0,39}$/.test(value)) return OTHER;
    known.add(value);
    return value;
  };
};
