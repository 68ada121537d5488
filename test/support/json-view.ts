/** JSON that a test looks into without saying first what it should be: what is not there fails its expectation. */
export interface JsonView {
  readonly [key: string]: JsonView;
}
