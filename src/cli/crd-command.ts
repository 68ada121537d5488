import type { Command } from 'commander';
import { type CliDeps, EXIT } from './cli-deps.js';
import { write } from './write.js';

/** Adds `warmpool crd`: prints the custom resource definitions, for `kubectl apply -f -`. */
export const addCrdCommand = (
  program: Command,
  deps: CliDeps,
  done: (exitStatus: number) => void,
): void => {
  program
    .command('crd')
    .description('print the CustomResourceDefinitions')
    .action(async () => {
      // loaded when asked for: no other command needs the generator
      const { allCrdsYaml } = await import('../api/crd-yaml.js');
      await write(deps.stdout, allCrdsYaml());
      done(EXIT.ok);
    });
};
