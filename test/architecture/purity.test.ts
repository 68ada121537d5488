import { describe, expect, it } from '@jest/globals';
import { inside, occurrences, type SourceFile, sourceFiles } from './source-files.js';

const files = sourceFiles();

const except = (...paths: readonly string[]): readonly SourceFile[] =>
  files.filter(({ path }) => !inside(path, ...paths));

const lines = ({ text }: SourceFile): number => text.split('\n').length - 1;

/** Programs of their own that are started with `node dist/…`. */
const SCRIPTS = ['setup', 'api/generate.ts'];

describe('what comes from outside comes in through one door', () => {
  it('only config.ts reads the environment', () => {
    expect(occurrences(except('config.ts'), /\bprocess\s*\.\s*env\b/)).toEqual([]);
  });

  it('clocks, timers and chance come through ports', () => {
    const bypass =
      /\bDate\s*\.\s*now\b|\bnew Date\(\s*\)|(?<![.\w])(?:setTimeout|setInterval)\s*\(|\bMath\s*\.\s*random\b|\bperformance\s*\.\s*now\b|\brandom(?:Bytes|UUID)\b/;
    const doors = ['runtime/system-clock.ts', 'runtime/system-random.ts'];
    // the command line and the client are programs on the caller's side, without anything to replay
    expect(occurrences(except(...doors, ...SCRIPTS, 'cli', 'client'), bypass)).toEqual([]);
  });

  it('only the entry points end the process or set its exit code', () => {
    expect(
      occurrences(
        except('main.ts', ...SCRIPTS),
        /\bprocess\s*\.\s*(?:exit\b|exitCode\s*=|abort\b)/,
      ),
    ).toEqual([]);
  });

  it('core is synchronous and has no effects', () => {
    const core = files.filter(
      ({ path }) => inside(path, 'core') && path !== 'core/assert-never.ts',
    );
    expect(occurrences(core, /\basync\b|\bawait\b|\bPromise\b|\bthrow\b|\bconsole\b/)).toEqual([]);
  });
});

describe('the types tell the truth', () => {
  it('no any, no switched-off check, no non-null assertion', () => {
    expect(occurrences(files, /(?::|<|\bas)\s*any\b(?!\w)/)).toEqual([]);
    expect(occurrences(files, /[\w)\]]!(?:[.;,)[\]]|$)/)).toEqual([]);
    const switchedOff = files.filter(({ text }) =>
      /@ts-(?:ignore|nocheck|expect-error)/.test(text),
    );
    expect(switchedOff.map(({ path }) => path)).toEqual([]);
  });

  it('no default exports', () => {
    expect(occurrences(files, /\bexport\s+default\b/)).toEqual([]);
  });
});

describe('files stay readable', () => {
  it('no file is longer than 250 lines', () => {
    const long = files.filter((file) => lines(file) > 250);
    expect(long.map((file) => `${file.path}: ${lines(file)}`)).toEqual([]);
  });

  it('no file is called utils or helpers', () => {
    const named = files.filter(({ path }) =>
      /(?:^|\/)(?:utils?|helpers?|common|misc)\.ts$/.test(path),
    );
    expect(named.map(({ path }) => path)).toEqual([]);
  });
});
