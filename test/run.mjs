// `make test`: everything that proves the project, one line a step, and a count as the last line.
// `node test/run.mjs test/unit/core` runs the checks, and of the tests those below that directory.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { removeLeftovers } from './support/remove-leftovers.mjs';
import { runProgram as run } from './support/run-program.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const bin = (name) => join(root, 'node_modules', '.bin', name);
const withEngine = process.env.WARMPOOL_ENGINE !== 'none';
const startedAt = Date.now();
const scratch = mkdtempSync(join(tmpdir(), 'warmpool-test-run-'));

/** The suites take some five minutes on two cores, and ten where others use them too; a run that hangs must end, and say so. */
const JEST_LIMIT_MS = 30 * 60_000;
/** A file that fails for want of CPU fails with few others; when many fail, the code is broken. */
const MOST_SECOND_RUNS = 16;

/** Of a failed check; the rest is to be had by running it alone. */
const MOST_SHOWN_LINES = 200;

const say = (line) => process.stdout.write(`${line}\n`);
const seconds = (since) => `${((Date.now() - since) / 1_000).toFixed(1)} s`;

const count = { passed: 0, failed: 0, skipped: 0 };
/** What the reader must know at the end, beside the count. */
const remarks = [];

const report = (name, ok, since, detail = '') => {
  say(`${ok ? 'ok      ' : 'FAILED  '} ${name.padEnd(28)} ${seconds(since)}${detail}`);
};

/** A check that is one program's exit status. */
const check = async (name, argv, accept = () => true) => {
  const since = Date.now();
  const result = await run(argv);
  const ok = result.ok && accept(result);
  count[ok ? 'passed' : 'failed'] += 1;
  report(name, ok, since);
  if (!ok) {
    const lines = result.output.trimEnd().split('\n');
    for (const line of lines.slice(0, MOST_SHOWN_LINES)) say(line);
    if (lines.length > MOST_SHOWN_LINES) say(`… and ${lines.length - MOST_SHOWN_LINES} more lines`);
    remarks.push(`failed: ${name}`);
  }
};

/** Progress of the set-up, without its results. */
const onSetupLine = (line) => {
  if (!line.startsWith('unix:') && !line.startsWith('warmpool.local/')) say(`  ${line}`);
};

/** Engine and images, made ready while the checks run that need neither. */
const prepareEngine = async () => {
  const since = Date.now();
  const engine = await run(['node', 'dist/setup/engine.js', 'ensure'], { onLine: onSetupLine });
  if (!engine.ok) return { ok: false, since, output: engine.output };
  const env = { DOCKER_HOST: engine.stdout.trim().split('\n').at(-1) };
  const busybox = await run(['node', 'dist/setup/image.js', 'busybox'], {
    env,
    onLine: onSetupLine,
  });
  if (!busybox.ok) return { ok: false, since, output: busybox.output };
  const python = await run(['node', 'dist/setup/image.js', 'python'], { env, onLine: onSetupLine });
  const image = python.stdout.trim().split('\n').at(-1);
  return python.ok
    ? { ok: true, since, env: { ...env, WARMPOOL_IMAGE: image } }
    : { ok: false, since, output: python.output };
};

const testFiles = (directory) =>
  readdirSync(join(root, directory), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.test.ts'))
    .map((entry) => relative(root, join(entry.parentPath ?? entry.path, entry.name)))
    .toSorted();

/** Runs jest; gives what each file came to. A run without a result is one of which nothing passed. */
const jest = async (files, { env, workers, progress }) => {
  const json = join(scratch, `jest-${Math.random().toString(36).slice(2)}.json`);
  const result = await run(
    [
      'node',
      '--experimental-vm-modules',
      '--no-warnings',
      'node_modules/jest/bin/jest.js',
      '--json',
      `--outputFile=${json}`,
      '--forceExit',
      workers === 1 ? '--runInBand' : `--maxWorkers=${workers}`,
      '--runTestsByPath',
      ...files,
    ],
    {
      env,
      limitMs: JEST_LIMIT_MS,
      onLine: (line) => progress && /^(?:PASS|FAIL) /.test(line) && say(`  ${line}`),
    },
  );
  try {
    const { testResults } = JSON.parse(readFileSync(json, 'utf8'));
    return testResults.map((file) => ({
      file: relative(root, file.name),
      // a file with skipped tests is "focused" or "skipped", not "passed"
      ok: file.status !== 'failed',
      message: file.message,
      tests: file.assertionResults,
    }));
  } catch {
    return files.map((file) => ({ file, ok: false, message: result.output, tests: [] }));
  }
};

const countTests = (results) => {
  for (const { ok, file, tests, message } of results) {
    const of = (...states) => tests.filter(({ status }) => states.includes(status));
    count.passed += of('passed').length;
    const skipped = of('pending', 'skipped', 'todo', 'disabled');
    count.skipped += skipped.length;
    for (const { fullName } of skipped) remarks.push(`skipped: ${file}: ${fullName}`);
    if (ok) continue;
    count.failed += Math.max(1, of('failed').length);
    remarks.push(`failed: ${file}`);
    say(`\n${message.trimEnd()}\n`);
  }
};

/** A loaded machine can starve a test with real containers: what fails is run once more, alone, and named. */
const secondRuns = async (first, env) => {
  const failed = first.filter(({ ok }) => !ok);
  if (failed.length > MOST_SECOND_RUNS) return first;
  const again = new Map();
  for (const { file, message } of failed) {
    const since = Date.now();
    const [second] = await jest([file], { env, workers: 1, progress: false });
    if (second === undefined) continue;
    report(`again, alone: ${file}`, second.ok, since);
    again.set(file, second);
    if (second.ok) {
      say(`  its first run said:\n${message.trimEnd()}\n`);
      remarks.push(`passed only when run alone: ${file}`);
    }
  }
  return first.map((result) => again.get(result.file) ?? result);
};

const needsEngine = (file) => file.endsWith('.docker.test.ts');

const runTests = async (engine) => {
  const directories = process.argv.length > 2 ? process.argv.slice(2) : ['test'];
  const all = directories.flatMap(testFiles);
  const files = engine === undefined ? all.filter((file) => !needsEngine(file)) : all;
  const since = Date.now();
  const first = await jest(files, { env: engine ?? {}, workers: 2, progress: true });
  const results = await secondRuns(first, engine ?? {});
  countTests(results);
  const ok = results.every((result) => result.ok);
  report(`tests in ${files.length} files`, ok, since);
  const left = all.filter(needsEngine);
  if (engine !== undefined || left.length === 0) return;
  count.skipped += left.length;
  const why = withEngine ? 'no engine could be had' : 'WARMPOOL_ENGINE=none';
  remarks.push(
    `skipped, as they need a Docker engine (${why}):`,
    ...left.map((file) => `  ${file}`),
  );
};

const main = async () => {
  // before the engine's set-up: both may install packages, one at a time
  await check('shells', ['node', 'dist/setup/shells.js']);
  const preparing = withEngine ? prepareEngine() : undefined;
  await check('types of src', [bin('tsc'), '--noEmit', '-p', 'tsconfig.json']);
  await check('types of test', [bin('tsc'), '--noEmit', '-p', 'test/tsconfig.json']);
  await check('lint', [bin('oxlint'), '--type-aware', '--deny-warnings', 'src', 'test']);
  await check('format', [bin('biome'), 'check', 'src', 'test']);
  await check('the program starts', ['node', 'dist/main.js', '--help'], ({ stdout }) =>
    stdout.includes('warmpool'),
  );
  const engine = await preparing;
  if (engine !== undefined) {
    count[engine.ok ? 'passed' : 'failed'] += 1;
    report('engine and images', engine.ok, engine.since);
    if (!engine.ok) {
      say(engine.output.trimEnd());
      remarks.push('failed: engine and images');
    }
  }
  await runTests(engine?.env);
  if (engine?.ok) {
    const removed = await removeLeftovers(engine.env.DOCKER_HOST, startedAt);
    if (removed > 0) remarks.push(`removed ${removed} containers that tests had left behind`);
  }
  rmSync(scratch, { recursive: true, force: true });
  say('');
  for (const remark of remarks) say(remark);
  say(`took ${seconds(startedAt)}`);
  const skipped = count.skipped === 0 ? '' : `, ${count.skipped} skipped`;
  say(`${count.passed} passed, ${count.failed} failed${skipped}`);
  process.exitCode = count.failed === 0 ? 0 : 1;
};

await main();
