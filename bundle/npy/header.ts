import { DataError } from '../error.ts';

/** The fields of a .npy file's header. */
export interface NpyHeader {
  /** The dtype as NumPy writes it, `<f4`. */
  readonly dtype: string;
  /** N × …, at least two dimensions, none of them zero. */
  readonly shape: readonly number[];
  /** Whether the first index varies fastest (Fortran order), not the last. */
  readonly fortran: boolean;
  /** Number of bytes before the first element. */
  readonly length: number;
}

/** The longest header that is supported; NumPy itself stops at 10,000 bytes. */
export const LONGEST_HEADER = 65_535;

/**
 * Parses the start of a .npy file, format versions 1.0, 2.0 and 3.0 (NumPy Enhancement Proposal 1 and
 * numpy.lib.format): magic, version, length, then a Python dictionary padded with spaces. `bytes` must hold the whole
 * header; `where` names the file in errors. Throws a {@link DataError} for any other bytes, and for an array that is
 * not a matrix of samples in C order.
 */
export function parseNpyHeader(bytes: Uint8Array, where: string): NpyHeader {
  const magic = fromLatin1(bytes.subarray(0, 6));
  if (magic.startsWith('PK')) {
    throw new DataError(`${where}: a .npz or zip archive, not a .npy file: save one array with numpy.save`);
  }
  if (magic !== '\x93NUMPY') {
    throw new DataError(`${where}: not a .npy file (it must start with \\x93NUMPY)`);
  }
  const [major, minor] = [bytes[6], bytes[7]];
  if (bytes.length >= 8 && (major < 1 || major > 3 || minor !== 0)) {
    throw new DataError(`${where}: .npy format ${major}.${minor}, only 1.0, 2.0 and 3.0 are supported`);
  }
  const start = major === 1 ? 10 : 12;
  if (bytes.length < start)
    throw new DataError(`${where}: truncated: ${bytes.length} bytes, all of the header`);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const size = major === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (size > LONGEST_HEADER) {
    throw new DataError(
      `${where}: the .npy header takes ${size} bytes, at most ${LONGEST_HEADER} are supported`,
    );
  }
  const length = start + size;
  if (bytes.length < length) {
    throw new DataError(`${where}: truncated: ${bytes.length} bytes, the header alone takes ${length}`);
  }
  const encoded = bytes.subarray(start, length);
  const text = major === 3 ? new TextDecoder().decode(encoded) : fromLatin1(encoded);
  const { descr, fortran_order, shape } = new HeaderParser(text, where).parse();
  assertMatrix(shape, where);
  return { dtype: descr, shape, fortran: fortran_order, length };
}

/** Text whose letters are bytes. The decoder of that name is for Windows-1252. */
const fromLatin1 = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');

function assertMatrix(shape: readonly number[], where: string): void {
  const written = `(${shape.join(', ')}${shape.length === 1 ? ',' : ''})`;
  if (shape.length < 2) {
    throw new DataError(
      `${where}: the shape is ${written}, a matrix is needed, one row a sample: save array.reshape(-1, features)`,
    );
  }
  if (shape.includes(0)) {
    throw new DataError(`${where}: the shape is ${written}: it is empty, at least one row is needed`);
  }
  if (shape[0] >= 2 ** 32 || !Number.isSafeInteger(8 * shape.reduce((a, b) => a * b, 1))) {
    throw new DataError(
      `${where}: the shape is ${written}, too large: at most 4,294,967,295 rows are supported`,
    );
  }
}

interface Fields {
  descr: string;
  fortran_order: boolean;
  shape: number[];
}

/** A strict parser for a header's Python dictionary. */
class HeaderParser {
  readonly #text: string;
  readonly #where: string;
  #at = 0;

  constructor(text: string, where: string) {
    this.#text = text;
    this.#where = where;
  }

  parse(): Fields {
    const fields: Partial<Fields> = {};
    this.#expect(/\{/y, '{');
    while (!this.#take(/\}/y)) {
      const key = this.#string('a key');
      if (key in fields) throw this.#error(`${key} is given twice`);
      this.#expect(/:/y, ':');
      if (key === 'descr') fields.descr = this.#descr();
      else if (key === 'fortran_order')
        fields.fortran_order = this.#expect(/True|False/y, 'a bool') === 'True';
      else if (key === 'shape') fields.shape = this.#tuple();
      else throw this.#error(`the key ${JSON.stringify(key)} is unknown`);
      if (!this.#take(/,/y)) {
        this.#expect(/\}/y, ', or }');
        break;
      }
    }
    this.#expect(/$/y, 'the end');
    for (const key of ['descr', 'fortran_order', 'shape'] as const) {
      if (!(key in fields)) throw this.#error(`${key} is missing`);
    }
    return fields as Fields;
  }

  #descr(): string {
    if (this.#take(/[[(]/y)) {
      throw new DataError(
        `${this.#where}: a structured array, with named columns: save a plain matrix, ` +
          'numpy.lib.recfunctions.structured_to_unstructured(array)',
      );
    }
    return this.#string('a dtype');
  }

  #tuple(): number[] {
    this.#expect(/\(/y, 'a tuple');
    const values: number[] = [];
    while (!this.#take(/\)/y)) {
      // Python 2 wrote long integers as 3L.
      const value = Number.parseInt(this.#expect(/\d{1,15}(?!\d)L?/y, 'a whole number'), 10);
      values.push(value);
      if (this.#take(/,/y)) continue;
      if (values.length === 1) throw this.#error('expected ,');
      this.#expect(/\)/y, ', or )');
      break;
    }
    return values;
  }

  #string(what: string): string {
    return this.#expect(/'[^'\\\n]*'|"[^"\\\n]*"/y, `${what} in quotes`).slice(1, -1);
  }

  #expect(token: RegExp, what: string): string {
    const found = this.#take(token);
    if (found === undefined) throw this.#error(`expected ${what}`);
    return found;
  }

  /** Takes the token at the current place, after spaces; undefined if it is not there. */
  #take(token: RegExp): string | undefined {
    while (' \t\n\r'.includes(this.#text[this.#at] ?? 'none')) this.#at++;
    token.lastIndex = this.#at;
    const found = token.exec(this.#text)?.[0];
    this.#at += found?.length ?? 0;
    return found;
  }

  #error(what: string): DataError {
    const rest = this.#text.slice(this.#at, this.#at + 20);
    const place = rest === '' ? 'at its end' : `at character ${this.#at}, ${JSON.stringify(rest)}`;
    return new DataError(`${this.#where}: the .npy header is malformed: ${what}, ${place}`);
  }
}

/** NumPy leaves room for this many digits of N, so that rows can be appended later. */
const DIGITS = 21;

/** Formats the header of an array in C order, byte for byte as NumPy writes it in format 1.0. */
export function formatNpyHeader(dtype: string, shape: readonly number[]): Uint8Array {
  const tuple = `(${shape.join(', ')}${shape.length === 1 ? ',' : ''})`;
  const room = ' '.repeat(Math.max(0, DIGITS - String(shape[0]).length));
  const fields = `{'descr': '${dtype}', 'fortran_order': False, 'shape': ${tuple}, }${room}`;
  const padding = ' '.repeat(64 - ((10 + fields.length + 1) % 64));
  const text = `${fields}${padding}\n`;
  const size = String.fromCharCode(text.length & 255, text.length >> 8);
  return Uint8Array.from(`\x93NUMPY\x01\x00${size}${text}`, (letter) => letter.charCodeAt(0));
}
