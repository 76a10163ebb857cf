import { readFile, stat } from 'node:fs/promises';
import { reason } from '../../../bundle/system-error.ts';
import { isGzip } from '../../../bundle/tables/formats.ts';
import { DataError } from '../datasets/error.ts';
import { unzip } from './gzip.ts';

/** An array of unsigned bytes from an IDX file: row-major, with the dimensions in its header. */
export interface IdxArray {
  readonly shape: readonly number[];
  readonly data: Uint8Array;
}

const UNSIGNED_BYTE = 0x08;

/**
 * Parses an IDX file (the format of MNIST, described on its home page): two zero bytes, a type byte, the rank, then
 * big-endian u32 dimensions and the values. Only unsigned bytes (type 0x08) are accepted. `where` names the file in
 * errors.
 */
export function parseIdx(bytes: Uint8Array, where: string): IdxArray {
  if (bytes.length < 4 || bytes[0] !== 0 || bytes[1] !== 0) {
    throw new DataError(`${where}: not an IDX file (it must start with two zero bytes)`);
  }
  if (bytes[2] !== UNSIGNED_BYTE) {
    throw new DataError(
      `${where}: IDX type 0x${bytes[2].toString(16)}, only unsigned bytes (0x08) are supported`,
    );
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
  // Not a Buffer: its slice() would share the memory.
  return { shape, data: new Uint8Array(bytes.buffer, bytes.byteOffset + header, bytes.length - header) };
}

/** The images in an IDX file, and the labels in the file that belongs to it, if there is one in the same folder. */
export interface IdxFiles {
  readonly images: IdxArray;
  readonly labels: IdxArray | undefined;
}

/** Reads a file of images, `…-images-idx3-ubyte`, and its labels, `…-labels-idx1-ubyte`; also with .gz. */
export async function readIdx(path: string): Promise<IdxFiles> {
  const images = parseIdx(await readBytes(path), path);
  const [count, ...shape] = images.shape;
  if (shape.length === 0) throw new DataError(`${path} holds labels: give the file of images`);
  const labelsPath = path.replace(/images([-.])idx\d/, 'labels$1idx1');
  const found = labelsPath !== path && (await stat(labelsPath).catch(() => undefined));
  if (!found) return { images, labels: undefined };
  const labels = parseIdx(await readBytes(labelsPath), labelsPath);
  if (labels.shape.length !== 1 || labels.shape[0] !== count) {
    throw new DataError(`${labelsPath}: ${labels.shape.join(' × ')} labels, ${path} has ${count} images`);
  }
  return { images, labels };
}

async function readBytes(path: string): Promise<Uint8Array> {
  const bytes = await readFile(path).catch((error) => {
    throw new DataError(`${path} cannot be read: ${reason(error)}`);
  });
  return isGzip(path) ? unzip(bytes, path) : bytes;
}
