import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import type { RawValues } from '../../../bundle/npy/dtype.ts';

const PIECES = 16;
const PIECE_BYTES = 65_536;

/** Computes the SHA-256 of a file's length and of pieces spread over it: all of a small file, little of a large one. */
export async function fingerprintFile(path: string): Promise<string> {
  await using file = await open(path);
  const { size } = await file.stat();
  const hash = createHash('sha256').update(String(size));
  const buffer = new Uint8Array(PIECE_BYTES);
  for (let i = 0; i < PIECES; i++) {
    const position = Math.floor((Math.max(0, size - PIECE_BYTES) * i) / (PIECES - 1));
    const { bytesRead } = await file.read(buffer, 0, PIECE_BYTES, position);
    hash.update(buffer.subarray(0, bytesRead));
  }
  return hash.digest('hex');
}

/** Computes the SHA-256 of values in memory. */
export const fingerprintValues = ({ buffer, byteOffset, byteLength }: RawValues): string =>
  createHash('sha256')
    .update(new Uint8Array(buffer, byteOffset, byteLength))
    .digest('hex');
