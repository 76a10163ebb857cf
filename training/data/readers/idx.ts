import { DataError } from '../datasets/error.ts';

/** An array of unsigned bytes as an IDX file holds it: row-major, dimensions from the header. */
export interface IdxArray {
  readonly shape: readonly number[];
  readonly data: Uint8Array;
}

const UNSIGNED_BYTE = 0x08;

/**
 * Reads an IDX file (the format of MNIST, described at its home page): two zero bytes, a type byte, the
 * rank, then big-endian u32 dimensions and the values. Only unsigned bytes (type 0x08) are accepted.
 * `where` names the file in errors.
 */
export function parseIdx(bytes: Uint8Array, where: string): IdxArray {
  if (bytes.length < 4 || bytes[0] !== 0 || bytes[1] !== 0) {
    throw new DataError(`${where}: not an IDX file (it must start with two zero bytes)`);
  }
  if (bytes[2] !== UNSIGNED_BYTE) {
    throw new DataError(`${where}: IDX type 0x${bytes[2].toString(16)}, only unsigned bytes (0x08) are read`);
  }
  const rank = bytes[3];
  const header = 4 + 4 * rank;
  if (rank === 0 || bytes.length < header) throw new DataError(`${where}: the IDX header is truncated`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const shape = Array.from({ length: rank }, (_, i) => view.getUint32(4 + 4 * i));
  const expected = header + shape.reduce((a, b) => a * b, 1);
  if (bytes.length !== expected) {
    const how = bytes.length < expected ? 'truncated' : 'too long';
    throw new DataError(
      `${where}: ${how}: ${bytes.length} bytes, a ${shape.join(' × ')} array takes ${expected}`,
    );
  }
  // Not a Buffer, whose slice() would share its memory.
  return { shape, data: new Uint8Array(bytes.buffer, bytes.byteOffset + header, bytes.length - header) };
}
