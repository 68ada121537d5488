import type { ContainerCreateOptions } from 'dockerode';
import type { FieldPath } from '../../api/field-problem.js';
import type { Container } from '../../api/pod-template.js';
import { expandVariables } from './expand-variables.js';
import { type Refuse, refuseOthers } from './refuse.js';

/**
 * Keeps a container up whose template gives neither command nor args: images such as python would end
 * at once without a terminal. TERM ends it, and a killed `sleep` does not.
 */
export const KEEP_ALIVE = [
  'sh',
  '-c',
  'trap "exit 0" TERM; while :; do sleep 3600 & wait $!; done',
];

const toEnv = (
  container: Container,
  path: FieldPath,
  refuse: Refuse,
): ReadonlyMap<string, string> => {
  const env = new Map<string, string>();
  (container.env ?? []).forEach((variable, index) => {
    const at = [...path, 'env', index];
    refuseOthers(variable, { mapped: ['name', 'value'] }, at, refuse);
    env.set(variable.name, expandVariables(variable.value ?? '', env));
  });
  return env;
};

/** What the first process of the container is, and its environment. */
export const toProcess = (
  container: Container,
  path: FieldPath,
  refuse: Refuse,
): ContainerCreateOptions => {
  const env = toEnv(container, path, refuse);
  const words = (given: readonly string[] | undefined): string[] =>
    (given ?? []).map((word) => expandVariables(word, env));
  const command = words(container.command);
  const args = words(container.args);
  const Env = Array.from(env, ([name, value]) => `${name}=${value}`);
  if (command.length === 0 && args.length === 0) return { Env, Entrypoint: KEEP_ALIVE };
  return {
    Env,
    ...(command.length === 0 ? {} : { Entrypoint: command }),
    ...(args.length === 0 ? {} : { Cmd: args }),
  };
};
