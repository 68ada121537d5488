import * as E from 'fp-ts/lib/Either.js';
import { PodTemplate } from '../../../../src/api/pod-template.js';
import { toContainer } from '../../../../src/backends/docker/to-container.js';

/** A template as a manifest has it, decoded. */
export const decode = (container: object, spec: object = {}, rest: object = {}): PodTemplate => {
  const decoded = PodTemplate.decode({
    ...rest,
    spec: { containers: [{ name: 'sandbox', image: 'busybox:1', ...container }], ...spec },
  });
  if (E.isRight(decoded)) return decoded.right;
  throw new Error(decoded.left.map((error) => error.message).join());
};

/** What it comes to on Docker. */
export const settings = (...template: Parameters<typeof decode>) => {
  const plan = toContainer(decode(...template));
  if (E.isRight(plan)) return plan.right;
  throw new Error(JSON.stringify(plan.left));
};

/** The fields that Docker cannot honour. */
export const paths = (...template: Parameters<typeof decode>): readonly string[] => {
  const plan = toContainer(decode(...template));
  return E.isLeft(plan) ? plan.left.map((problem) => problem.path) : [];
};
