import { printable } from './printable.js';

export type Colour = 'green' | 'red' | 'yellow' | 'cyan';

export interface Cell {
  readonly text: string;
  readonly colour?: Colour | undefined;
}

/** A cell without a colour; what is not there is shown as `-`. */
export const cell = (value: string | number | undefined): Cell => ({
  text: value === undefined ? '-' : String(value),
});

const CODES: Readonly<Record<Colour, number>> = { green: 32, red: 31, yellow: 33, cyan: 36 };

export interface TableStyle {
  readonly colours: boolean;
  /** Longest text of a cell, in characters; longer ones end in `…`. */
  readonly maxWidth?: number | undefined;
}

const GAP = '   ';

const width = (text: string): number => Array.from(text).length;

const shortened = (text: string, max: number | undefined): string =>
  max === undefined || width(text) <= max
    ? text
    : `${Array.from(text)
        .slice(0, max - 1)
        .join('')}…`;

const painted = (text: string, colour: Colour | undefined, colours: boolean): string =>
  colour === undefined || !colours || text === ''
    ? text
    : `\u001b[${CODES[colour]}m${text}\u001b[0m`;

/** Columns under headings, three spaces apart, as kubectl prints them. */
export const table = (
  headings: readonly string[],
  rows: readonly (readonly Cell[])[],
  style: TableStyle,
): string => {
  const lines: readonly (readonly Cell[])[] = [
    headings.map((text) => ({ text })),
    ...rows.map((row) =>
      row.map(({ text, colour }) => ({ text: shortened(printable(text), style.maxWidth), colour })),
    ),
  ];
  const widths = headings.map((_, column) =>
    Math.max(...lines.map((line) => width(line[column]?.text ?? ''))),
  );
  const render = (line: readonly Cell[]): string =>
    line
      .map(({ text, colour }, column) => {
        const padding = ' '.repeat((widths[column] ?? 0) - width(text));
        return painted(text, colour, style.colours) + padding;
      })
      .join(GAP)
      .trimEnd();
  return `${lines.map(render).join('\n')}\n`;
};
