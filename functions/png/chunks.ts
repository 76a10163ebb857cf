import { crc32 } from 'node:zlib';

/** What is wrong with a PNG, in one sentence. */
export class PngError extends Error {
  override readonly name = 'PngError';
}

/** A PNG taken apart, its pixels still compressed. */
export interface PngParts {
  width: number;
  height: number;
  /** Bits a sample: 1, 2, 4, 8 or 16. */
  depth: number;
  /** 0 grey, 2 RGB, 3 palette, 4 grey with alpha, 6 RGB with alpha. */
  colour: number;
  interlaced: boolean;
  /** 3 bytes an entry. */
  palette: Uint8Array | undefined;
  transparency: Uint8Array | undefined;
  /** The data of the IDAT chunks: the pieces of one zlib stream. */
  compressed: Uint8Array[];
}

/** The most pixels an image may have: they bound the time that it takes. */
export const MAX_PIXELS = 32 * 2 ** 20;

/** The most pixels an image may have in a row or a column: they bound the memory that it takes. */
export const MAX_SIDE = 2 ** 15;

const SIGNATURE = [137, 80, 78, 71, 13, 10, 26, 10];

/** Bit depths by colour type (PNG specification, third edition, table 8). */
const DEPTHS: Record<number, number[]> = {
  0: [1, 2, 4, 8, 16],
  2: [8, 16],
  3: [1, 2, 4, 8],
  4: [8, 16],
  6: [8, 16],
};

/** Reads the chunks that decide the pixels, each checked by its CRC, and passes over the rest. */
export function readChunks(bytes: Uint8Array): PngParts {
  if (SIGNATURE.some((byte, i) => bytes[i] !== byte)) {
    throw new PngError('the body does not start with the signature of a PNG');
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const chunks = new Map<string, Uint8Array[]>();
  let offset = SIGNATURE.length;
  for (let type = ''; type !== 'IEND'; ) {
    if (offset + 8 > bytes.length) throw new PngError(`the PNG is truncated after ${bytes.length} bytes`);
    const length = view.getUint32(offset);
    const end = offset + 8 + length;
    type = String.fromCharCode(...bytes.subarray(offset + 4, offset + 8));
    if (!/^[A-Za-z]{4}$/.test(type)) throw new PngError(`the PNG is damaged: no chunk at byte ${offset}`);
    if (end + 4 > bytes.length) throw new PngError(`the PNG is truncated in its ${type} chunk`);
    if (chunks.size === 0 && type !== 'IHDR') throw new PngError('the PNG does not start with IHDR');
    if (['IHDR', 'PLTE', 'tRNS', 'IDAT'].includes(type)) {
      if (crc32(bytes.subarray(offset + 4, end)) !== view.getUint32(end)) {
        throw new PngError(`the PNG is damaged: the CRC of its ${type} chunk is wrong`);
      }
      const same = chunks.get(type);
      if (same && type !== 'IDAT') throw new PngError(`the PNG has more than one ${type} chunk`);
      const data = bytes.subarray(offset + 8, end);
      if (same) same.push(data);
      else chunks.set(type, [data]);
    } else if (type !== 'IEND' && type[0] === type[0]!.toUpperCase()) {
      throw new PngError(`the PNG needs its ${type} chunk understood, which this service does not`);
    }
    offset = end + 4;
  }
  const data = chunks.get('IDAT');
  if (!data) throw new PngError('the PNG has no IDAT chunk');
  return {
    ...readHeader(chunks.get('IHDR')![0]!),
    palette: chunks.get('PLTE')?.[0],
    transparency: chunks.get('tRNS')?.[0],
    compressed: data,
  };
}

function readHeader(header: Uint8Array) {
  if (header.length !== 13) throw new PngError(`the PNG's IHDR chunk has ${header.length} bytes, not 13`);
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
  const [width, height] = [view.getUint32(0), view.getUint32(4)];
  const [depth, colour, compression, filter, interlace] = header.subarray(8);
  if (width === 0 || height === 0) throw new PngError(`the PNG has ${width} × ${height} pixels`);
  if (width * height > MAX_PIXELS || Math.max(width, height) > MAX_SIDE) {
    throw new PngError(
      `the PNG has ${width} × ${height} pixels, at most ${MAX_PIXELS} and ${MAX_SIDE} a side are accepted`,
    );
  }
  if (!DEPTHS[colour!]?.includes(depth!)) {
    throw new PngError(`the PNG has colour type ${colour} with ${depth} bits a sample, which does not exist`);
  }
  if (compression !== 0 || filter !== 0 || interlace! > 1) {
    throw new PngError(
      `the PNG has compression ${compression}, filter ${filter}, interlace ${interlace}: not known`,
    );
  }
  return { width, height, depth: depth!, colour: colour!, interlaced: interlace === 1 };
}
