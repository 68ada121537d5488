import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { sandboxPoolCrd } from './crd.js';
import { crdFileName, crdYaml } from './crd-yaml.js';

/** Writes the generated files; run as `make generate`, from dist/api. */
const directory = fileURLToPath(new URL('../../crds/', import.meta.url));
const crd = sandboxPoolCrd();
await mkdir(directory, { recursive: true });
await writeFile(`${directory}${crdFileName(crd)}`, crdYaml(crd));
process.stdout.write(`wrote crds/${crdFileName(crd)}\n`);
