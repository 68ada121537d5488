/** Closes a switch over a union: a new member then does not compile. Reached only by a defect. */
export const assertNever = (value: never): never => {
  throw new Error(`unexpected value: ${JSON.stringify(value)}`);
};
