/** Chance, as the program sees it. Tests make it repeatable. */
export interface Random {
  /** A number in [0, 1). */
  readonly fraction: () => number;
  /** `bytes` bytes that nobody can guess, in lower-case hexadecimal. */
  readonly token: (bytes: number) => string;
}
