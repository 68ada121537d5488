import { type Command, Option } from 'commander';
import { stringify } from 'yaml';
import type { CliDeps } from './cli-deps.js';
import { type Cell, table } from './table.js';
import { write } from './write.js';

const FORMATS = ['table', 'wide', 'name', 'json', 'yaml'] as const;
export type Format = (typeof FORMATS)[number];

export interface OutputOptions {
  readonly output: Format;
}

export const addOutputOption = (command: Command, formats: readonly Format[] = FORMATS): Command =>
  command.addOption(
    new Option('-o, --output <format>', 'how to print').choices(formats).default('table'),
  );

/** A value and how each format shows it. */
export interface Printable {
  readonly value: unknown;
  readonly headings: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
  /** Columns that only `wide` shows, after the others. */
  readonly wide?: {
    readonly headings: readonly string[];
    readonly rows: readonly (readonly Cell[])[];
  };
  readonly names: readonly string[];
}

/** A terminal is no place for a thread name of 256 characters; `wide` and everything but terminals get it whole. */
const MAX_CELL = 44;

const asTable = (deps: CliDeps, printed: Printable, wide: boolean): string => {
  const extra = wide ? printed.wide : undefined;
  return table(
    [...printed.headings, ...(extra?.headings ?? [])],
    printed.rows.map((row, index) => [...row, ...(extra?.rows[index] ?? [])]),
    { colours: deps.isTty && deps.colours, maxWidth: deps.isTty && !wide ? MAX_CELL : undefined },
  );
};

export const formatted = (deps: CliDeps, format: Format, printed: Printable): string => {
  switch (format) {
    case 'json':
      return `${JSON.stringify(printed.value, undefined, 2)}\n`;
    case 'yaml':
      return stringify(printed.value, { aliasDuplicateObjects: false });
    case 'name':
      return printed.names.map((name) => `${name}\n`).join('');
    case 'table':
    case 'wide':
      return asTable(deps, printed, format === 'wide');
    default:
      return format satisfies never;
  }
};

/** Prints to stdout; an empty table says so on stderr, so that pipes stay empty. */
export const print = async (deps: CliDeps, format: Format, printed: Printable): Promise<void> => {
  if (printed.rows.length === 0 && (format === 'table' || format === 'wide')) {
    await write(deps.stderr, 'Nothing found.\n');
    return;
  }
  await write(deps.stdout, formatted(deps, format, printed));
};
