import { DataError } from '../error.ts';

/** Raw values in memory, row-major: bytes stay bytes, any other type becomes float32. */
export type RawValues = Uint8Array | Float32Array;

/** Elements as a file holds them, in the byte order of this machine. */
export type Elements = Uint8Array | Int8Array | Uint16Array | Int16Array | Uint32Array | Int32Array | Reals;
type Reals = Float32Array | Float64Array;

/** How to read the elements of an array: NumPy's dtype. */
export interface DType {
  /** As NumPy writes it, `<f4`; of one byte, which has no order, always `|u1`. */
  readonly name: string;
  /** Number of bytes per element. */
  readonly bytes: number;
  /** Whether the elements are bytes, which stay bytes in memory. */
  readonly kept: boolean;
  /** Whether a value may not be finite in float32: NaN, an infinity, a double beyond 3.4e38. */
  readonly real: boolean;
  /** Converts bytes from a file, whole elements, to this machine's byte order, in place. */
  order(bytes: Uint8Array): void;
  /** Views all of `buffer` as elements; i8 and u8 as pairs of 32-bit words. */
  elements(buffer: ArrayBuffer): Elements;
  /** Converts `length` elements from element `from` on, into `target` from `at` on. */
  copy(elements: Elements, from: number, length: number, target: RawValues, at: number): void;
}

type ElementType = Pick<DType, 'bytes' | 'elements' | 'copy'> & { real?: true; kept?: true };

const copy: DType['copy'] = (elements, from, length, target, at) =>
  target.set(elements.subarray(from, from + length), at);

/** 64-bit integers from their two words, low word first; float32 rounds them. */
const wide: DType['copy'] = (elements, from, length, target, at) => {
  const signed = elements instanceof Int32Array;
  for (let i = 0; i < length; i++) {
    const low = elements[2 * (from + i)];
    target[at + i] = elements[2 * (from + i) + 1] * 2 ** 32 + (signed ? low >>> 0 : low);
  }
};

const half: DType['copy'] = (elements, from, length, target, at) => {
  const table = halves();
  for (let i = 0; i < length; i++) target[at + i] = table[elements[from + i]];
};

const ELEMENT_TYPES: Readonly<Record<string, ElementType>> = {
  u1: { bytes: 1, elements: (b) => new Uint8Array(b), copy, kept: true },
  b1: { bytes: 1, elements: (b) => new Uint8Array(b), copy, kept: true },
  i1: { bytes: 1, elements: (b) => new Int8Array(b), copy },
  u2: { bytes: 2, elements: (b) => new Uint16Array(b), copy },
  i2: { bytes: 2, elements: (b) => new Int16Array(b), copy },
  u4: { bytes: 4, elements: (b) => new Uint32Array(b), copy },
  i4: { bytes: 4, elements: (b) => new Int32Array(b), copy },
  u8: { bytes: 8, elements: (b) => new Uint32Array(b), copy: wide },
  i8: { bytes: 8, elements: (b) => new Int32Array(b), copy: wide },
  f2: { bytes: 2, elements: (b) => new Uint16Array(b), copy: half, real: true },
  f4: { bytes: 4, elements: (b) => new Float32Array(b), copy, real: true },
  f8: { bytes: 8, elements: (b) => new Float64Array(b), copy, real: true },
};

/** Finds the dtype that NumPy calls `name`. Throws a {@link DataError} that names the file if it is not supported. */
export function parseDType(name: string, where: string): DType {
  const [, order, code] = /^([<>|=]?)(\w+)$/.exec(name) ?? [];
  const type = Object.hasOwn(ELEMENT_TYPES, code ?? '') ? ELEMENT_TYPES[code] : undefined;
  if (code === 'O') {
    throw new DataError(
      `${where}: an array of Python objects, which only Python can read: save numbers, array.astype('float32')`,
    );
  }
  if (!type || (type.bytes > 1 && order !== '<' && order !== '>')) {
    throw new DataError(
      `${where}: the dtype ${JSON.stringify(name)} is not supported, only ${Object.keys(ELEMENT_TYPES).join(', ')}, ` +
        `little- (<) or big-endian (>): save array.astype('float32')`,
    );
  }
  const swapped = order === '>' && type.bytes > 1;
  return {
    name: type.bytes === 1 ? `|${code}` : name,
    kept: false,
    real: false,
    ...type,
    order: (bytes) => {
      if (swapped) swap(bytes, type.bytes);
    },
  };
}

/** Finds the index of the first value that is not finite, or −1. */
export function findNotFinite(values: Float32Array): number {
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (value - value !== 0) return i;
  }
  return -1;
}

function swap({ buffer, byteOffset, length }: Uint8Array, size: number): void {
  const view = new DataView(buffer, byteOffset, length);
  for (let at = 0; at < length; at += size) {
    if (size === 2) view.setUint16(at, view.getUint16(at, true));
    else if (size === 4) view.setUint32(at, view.getUint32(at, true));
    else view.setBigUint64(at, view.getBigUint64(at, true));
  }
}

let table: Float32Array | undefined;

/** The number of each of the 65,536 half-precision patterns (IEEE 754 binary16). */
function halves(): Float32Array {
  if (table) return table;
  table = new Float32Array(65536);
  for (let pattern = 0; pattern < 65536; pattern++) {
    const exponent = (pattern >> 10) & 31;
    const fraction = pattern & 1023;
    let value = exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25);
    if (exponent === 31) value = fraction ? Number.NaN : Number.POSITIVE_INFINITY;
    table[pattern] = pattern & 0x8000 ? -value : value;
  }
  return table;
}
