import { quoteCsv } from '../csv.ts';
import { shortestFloat } from '../float.ts';
import type { Cell } from './cell.ts';

/** A column of the output: `float` has 32 bits, `number` 64. */
export interface OutputColumn {
  readonly name: string;
  readonly type: 'float' | 'number' | 'integer' | 'boolean' | 'text';
}

/** The values of one column for some rows. */
export type Values = Float32Array | Float64Array | readonly Cell[];

/** How rows become text. */
export interface TextFormat {
  /** The text before the first row. */
  readonly head: string;
  formatRows(columns: readonly Values[], count: number): string;
}

/** CSV by RFC 4180, with line feeds. */
export function csvFormat(columns: readonly OutputColumn[]): TextFormat {
  const format = columns.map(({ type }) => makeCellFormatter(type, quoteCsv, ''));
  return {
    head: `${columns.map(({ name }) => quoteCsv(name)).join(',')}\n`,
    formatRows(values, count) {
      let text = '';
      for (let i = 0; i < count; i++) {
        for (let j = 0; j < format.length; j++) {
          if (j > 0) text += ',';
          text += format[j](values[j][i]);
        }
        text += '\n';
      }
      return text;
    },
  };
}

/** A JSON object on each line. */
export function ndjsonFormat(columns: readonly OutputColumn[]): TextFormat {
  const format = columns.map(({ type }) => makeCellFormatter(type, JSON.stringify, 'null'));
  const keys = columns.map(({ name }, j) => `${j === 0 ? '{' : ','}${JSON.stringify(name)}:`);
  return {
    head: '',
    formatRows(values, count) {
      let text = '';
      for (let i = 0; i < count; i++) {
        for (let j = 0; j < format.length; j++) text += keys[j] + format[j](values[j][i]);
        text += '}\n';
      }
      return text;
    },
  };
}

/** Formats the values of a column; `quote` is for texts. A number that is not finite is written as missing. */
function makeCellFormatter(
  type: OutputColumn['type'],
  quote: (text: string) => string,
  missing: string,
): (value: Cell) => string {
  switch (type) {
    case 'float':
      return (value) => (Number.isFinite(value) ? String(shortestFloat(value as number)) : missing);
    case 'number':
      return (value) => (Number.isFinite(value) ? String(value) : missing);
    case 'text':
      return (value) => (value === null ? missing : quote(String(value)));
    default:
      return (value) => (value === null ? missing : String(value));
  }
}
