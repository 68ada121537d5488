import { describe, expect, it } from '@jest/globals';
import { type Import, inside, type SourceFile, sourceFiles } from './source-files.js';

const files = sourceFiles();

type Rule = (imported: Import, from: SourceFile) => boolean;

/** `file -> import` of what a rule forbids. */
const violations = (from: readonly SourceFile[], forbidden: Rule): readonly string[] =>
  from.flatMap((file) =>
    file.imports
      .filter((imported) => forbidden(imported, file))
      .map((imported) => `${file.path} -> ${imported.specifier}`),
  );

const filesIn = (...directories: readonly string[]): readonly SourceFile[] =>
  files.filter(({ path }) => inside(path, ...directories));

const importsInto =
  (...directories: readonly string[]): Rule =>
  ({ file }) =>
    file !== undefined && inside(file, ...directories);

/** Directories that everything outside of `core` and `api` hangs on: what is not named here is an adapter or an edge. */
const EDGES = ['gateway', 'cli', 'client', 'setup', 'telemetry', 'app.ts', 'main.ts', 'config.ts'];
const ADAPTERS = ['backends', 'stores'];
/** Hashing is pure, too, and Node's is the only one at hand. */
const PURE_PACKAGES = /^(?:fp-ts\/lib\/[A-Za-z]+\.js|fp-ts|io-ts|node:crypto)$/;

const impure: Rule = ({ specifier, file }) =>
  file === undefined ? !PURE_PACKAGES.test(specifier) : !inside(file, 'core', 'api');

const isScript = (path: string): boolean => path === 'api/generate.ts';

const beyondApiAndCore: Rule = ({ file }, from) =>
  file !== undefined && !inside(file, 'api', 'core') && !isScript(from.path);

const beyondRuntimeAndPorts: Rule = ({ file }) =>
  file !== undefined && !inside(file, 'runtime', 'ports');

const operatorCode: Rule = (imported, from) =>
  !imported.typeOnly &&
  importsInto('gateway', 'reconcile', 'exec', 'runtime', ...ADAPTERS)(imported, from);

const strayDatabase: Rule = ({ specifier }, { path }) =>
  specifier === 'lmdb' && !inside(path, 'stores/file');

const strayServer: Rule = ({ specifier }, { path }) =>
  /^@?fastify/.test(specifier) && !inside(path, 'gateway');

const importsDirectory: Rule = ({ specifier }) =>
  /^(?:fp-ts|io-ts)\//.test(specifier) && !/\/lib\/\w+\.js$/.test(specifier);

describe('imports point one way', () => {
  it('finds the files and their imports', () => {
    expect(files.length).toBeGreaterThan(20);
    expect(files.flatMap(({ imports }) => imports).length).toBeGreaterThan(50);
  });

  it('every imported file exists', () => {
    const there = new Set(files.map(({ path }) => path));
    expect(
      violations(
        files,
        ({ file }) => file !== undefined && file.endsWith('.ts') && !there.has(file),
      ),
    ).toEqual([]);
  });

  it('core imports nothing but itself, api and pure packages', () => {
    expect(violations(filesIn('core'), impure)).toEqual([]);
  });

  it('api imports nothing of the program but core', () => {
    expect(violations(filesIn('api'), beyondApiAndCore)).toEqual([]);
  });

  it('ports import types only, of api, core and each other', () => {
    expect(violations(filesIn('ports'), ({ typeOnly }) => !typeOnly)).toEqual([]);
    expect(
      violations(
        filesIn('ports'),
        ({ file }) => file !== undefined && !inside(file, 'ports', 'api', 'core'),
      ),
    ).toEqual([]);
  });

  it('reconcile and exec never import a backend, a store or an edge of the program', () => {
    expect(violations(filesIn('reconcile', 'exec'), importsInto(...ADAPTERS, ...EDGES))).toEqual(
      [],
    );
  });

  it('runtime knows nothing of sandboxes', () => {
    expect(violations(filesIn('runtime'), beyondRuntimeAndPorts)).toEqual([]);
  });

  it('backends and stores never import each other, nor what decides, nor an edge', () => {
    const backends = new Set(
      filesIn('backends').map(({ path }) => path.split('/').slice(0, 2).join('/')),
    );
    for (const backend of backends) {
      const others: Rule = ({ file }) =>
        file !== undefined && inside(file, 'backends') && !inside(file, backend);
      expect(violations(filesIn(backend), others)).toEqual([]);
    }
    expect(violations(filesIn('backends'), importsInto('stores', 'reconcile', 'exec'))).toEqual([]);
    expect(violations(filesIn('stores'), importsInto('backends', 'reconcile', 'exec'))).toEqual([]);
    const edges = EDGES.filter((edge) => edge !== 'config.ts');
    expect(violations(filesIn(...ADAPTERS), importsInto(...edges))).toEqual([]);
  });

  it('the gateway never imports a backend, a store or the command line', () => {
    const forbidden = importsInto(...ADAPTERS, 'setup', 'app.ts', 'main.ts');
    expect(violations(filesIn('gateway'), forbidden)).toEqual([]);
  });

  it('the client of the gateway imports nothing of the operator', () => {
    expect(violations(filesIn('client'), operatorCode)).toEqual([]);
  });

  it('dockerode stays in the Docker backend', () => {
    const elsewhere = files.filter(({ path }) => !inside(path, 'backends/docker'));
    expect(
      violations(elsewhere, ({ specifier }) => /^docker(?:ode|-modem)/.test(specifier)),
    ).toEqual([]);
  });

  it('the Kubernetes client stays in the pod backend and the stores in a cluster', () => {
    const elsewhere = files.filter(({ path }) => !inside(path, 'backends/pod', 'stores/kube'));
    expect(violations(elsewhere, ({ specifier }) => specifier.startsWith('@kubernetes/'))).toEqual(
      [],
    );
  });

  it('the embedded database stays in the stores, fastify in the gateway', () => {
    expect(violations(files, strayDatabase)).toEqual([]);
    expect(violations(files, strayServer)).toEqual([]);
  });

  it('packages of fp-ts and io-ts are imported by file, as Node cannot import their directories', () => {
    expect(violations(files, importsDirectory)).toEqual([]);
  });

  it('no test support comes into the program', () => {
    expect(violations(files, ({ file }) => file?.startsWith('..') === true)).toEqual([]);
  });
});
