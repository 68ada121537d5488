const FACTORS: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

const FORM = /^(\d+(?:\.\d*)?|\.\d+)(?:([eE][-+]?\d+)|([KMGTPE]i|[numkMGTPE]))?$/;

/**
 * A quantity as Kubernetes writes it, as a number: `500m` is 0.5, `512Mi` is 536870912, `1e3` is 1000.
 * Undefined for anything else, and for what a double cannot count exactly.
 */
export const parseQuantity = (quantity: number | string): number | undefined => {
  const [, digits, exponent, suffix] = FORM.exec(String(quantity)) ?? [];
  if (digits === undefined) return undefined;
  const factor = FACTORS[suffix ?? ''];
  const value = Number(`${digits}${exponent ?? ''}`) * (factor ?? Number.NaN);
  return value <= Number.MAX_SAFE_INTEGER ? value : undefined;
};
