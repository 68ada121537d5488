import { stringify } from 'yaml';
import { type CustomResourceDefinition, sandboxPoolCrd } from './crd.js';

const HEAD = '# Made from the codecs in src/api by `make generate`. Do not edit.\n';

/** A definition as YAML text; the same definition always gives the same text. */
export const crdYaml = (crd: CustomResourceDefinition): string =>
  HEAD + stringify(crd, { aliasDuplicateObjects: false, lineWidth: 100 });

/** Name of the file in `crds/`. */
export const crdFileName = (crd: CustomResourceDefinition): string => `${crd.metadata.name}.yaml`;

/** Every definition of this program, as `warmpool crd` prints them. */
export const allCrdsYaml = (): string => crdYaml(sandboxPoolCrd());
