import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { reason } from '../../../bundle/system-error.ts';
import { DataError } from '../datasets/error.ts';
import { isGzip } from './formats.ts';

/** A text table's delimiter, and its columns' names in the first line. */
export interface Header {
  readonly delimiter: string;
  readonly names: readonly string[];
}

const DELIMITERS = [',', ';', '\t', '|'];

/** Not the name of a column: a number with a fraction, a negative number, a date with a time. A year is a name. */
const VALUE = /^[+-]?\d*\.\d+(e[+-]?\d+)?$|^-\d+$|^\d{4}-\d\d-\d\d[T ]\d\d:/i;

/** This many rising numbers are names, such as wavelengths, not the values of a row. */
const RISING = 8;

/** The longest header that is read, in bytes. */
const LONGEST = 2 ** 20;

/**
 * Reads the first line of a .csv or .tsv file, also gzipped. The delimiter is whichever of comma, semicolon, tab and bar
 * is most frequent outside quotes. Throws a {@link DataError} for a file that cannot be read, is empty, is not UTF-8,
 * or has two columns with the same name.
 */
export async function readHeader(path: string): Promise<Header> {
  const head = await readStart(path);
  if ((head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff)) {
    throw new DataError(`${path}: the text is UTF-16: save it as UTF-8`);
  }
  const { line, whole } = takeFirstLine(head);
  if (line.length === 0) {
    throw new DataError(`${path}: the first line is empty: it must name the columns`);
  }
  if (!whole && head.length >= LONGEST) {
    throw new DataError(`${path}: the first line has more than ${LONGEST} bytes: is it a text table?`);
  }
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(line);
  } catch {
    throw new DataError(`${path}: line 1 is not UTF-8: save the file as UTF-8`);
  }
  const splits = DELIMITERS.map((delimiter) => ({ delimiter, names: splitFields(text, delimiter) }));
  const { delimiter, names } = splits.reduce((a, b) => (b.names.length > a.names.length ? b : a));
  assertNames(path, names);
  const twice = names.find((name, i) => name !== '' && names.indexOf(name) < i);
  if (twice !== undefined) {
    throw new DataError(`${path}: two columns are called ${twice}: column names must be unique`);
  }
  return { delimiter, names: names.map((name, i) => (name === '' ? `column ${i + 1}` : name)) };
}

/** Throws a {@link DataError} if the first line has values instead of names. */
function assertNames(path: string, names: readonly string[]): void {
  const numbers = names.filter((name) => name !== '' && Number.isFinite(Number(name))).map(Number);
  const rising = numbers.length >= RISING && numbers.every((x, i) => i === 0 || x > numbers[i - 1]);
  const counted = numbers.length > 2 && numbers.every((x, i) => x === numbers[0] + i);
  if (rising || counted) return;
  if (numbers.length === names.length) {
    throw new DataError(`${path}: the first line has numbers only: it must name the columns`);
  }
  const value = names.find((name) => VALUE.test(name));
  if (value === undefined) return;
  throw new DataError(`${path}: the first line has values, such as ${value}: it must name the columns`);
}

async function readStart(path: string): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let size = 0;
  const file = createReadStream(path, { highWaterMark: 65_536 });
  try {
    const stream = isGzip(path) ? file.pipe(createGunzip()) : file;
    // A pipe does not pass on the errors of its source.
    file.on('error', (error) => stream.destroy(error));
    for await (const part of stream) {
      parts.push(part);
      size += part.length;
      if (size >= LONGEST || part.includes(10)) break;
    }
  } catch (error) {
    throw new DataError(`${path} cannot be read: ${reason(error)}`);
  } finally {
    file.destroy();
  }
  const bytes = Buffer.concat(parts);
  return bytes.subarray(bytes.indexOf('\u{feff}') === 0 ? 3 : 0);
}

/** Takes the bytes up to the first line break outside quotes. */
function takeFirstLine(bytes: Uint8Array): { line: Uint8Array; whole: boolean } {
  let quoted = false;
  for (const [i, byte] of bytes.entries()) {
    if (byte === 34) quoted = !quoted;
    if ((byte === 10 || byte === 13) && !quoted) return { line: bytes.subarray(0, i), whole: true };
  }
  return { line: bytes, whole: false };
}

/** Splits a line into its values; a quote within quotes is written twice (RFC 4180). */
function splitFields(line: string, delimiter: string): string[] {
  const found = [''];
  let quoted = false;
  for (const letter of line) {
    if (letter === '"') quoted = !quoted;
    if (letter === delimiter && !quoted) found.push('');
    else found[found.length - 1] += letter;
  }
  return found.map((field) => {
    const text = field.trim();
    return text.startsWith('"') && text.endsWith('"') && text.length > 1
      ? text.slice(1, -1).replaceAll('""', '"').trim()
      : text;
  });
}
