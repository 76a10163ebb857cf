import { crc32 } from 'node:zlib';
import { UserError } from '../error.ts';

/** A PNG that cannot be decoded; the message says why. */
export class PngError extends UserError {
  override readonly name = 'PngError';
}

/** The parts of a PNG, its pixels still compressed. */
export interface PngParts {
  width: number;
  height: number;
  /** Bits per sample: 1, 2, 4, 8 or 16. */
  depth: number;
  /** 0 grey, 2 RGB, 3 palette, 4 grey with alpha, 6 RGB with alpha. */
  colour: number;
  interlaced: boolean;
  /** 3 bytes per entry. */
  palette: Uint8Array | undefined;
  transparency: Uint8Array | undefined;
  /** 1 to 8, as in EXIF. */
  orientation: number;
  /** The data of the IDAT chunks: the parts of one zlib stream. */
  compressed: Uint8Array[];
}

/** The most pixels in an image. Bounds the time to decode it. */
export const MAX_PIXELS = 32 * 2 ** 20;

/** The most pixels per side of an image. Bounds the memory to decode it. */
export const MAX_SIDE = 2 ** 15;

/** The most chunks, many more than encoders write. Bounds the time to read those that have nothing in them. */
const MAX_CHUNKS = 2 ** 16;

const SIGNATURE = [137, 80, 78, 71, 13, 10, 26, 10];

/** Bit depths by colour type (PNG specification, third edition, table 8). */
const DEPTHS: Record<number, number[]> = {
  0: [1, 2, 4, 8, 16],
  2: [8, 16],
  3: [1, 2, 4, 8],
  4: [8, 16],
  6: [8, 16],
};

/** Reads the chunks that define the pixels and checks their CRCs. Skips the other chunks. */
export function readChunks(bytes: Uint8Array, maxPixels: number): PngParts {
  if (!isPng(bytes)) {
    throw new PngError('the body is not a PNG: it does not start with the signature of a PNG');
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const chunks = new Map<string, Uint8Array[]>();
  let offset = SIGNATURE.length;
  let orientation = 1;
  let count = 0;
  for (let type = ''; type !== 'IEND'; ) {
    if (++count > MAX_CHUNKS) throw new PngError(`the PNG has more than ${MAX_CHUNKS} chunks`);
    if (offset + 8 > bytes.length) throw new PngError(`the PNG is truncated after ${bytes.length} bytes`);
    const length = view.getUint32(offset);
    const end = offset + 8 + length;
    type = String.fromCharCode(...bytes.subarray(offset + 4, offset + 8));
    if (!/^[A-Za-z]{4}$/.test(type))
      throw new PngError(`the PNG is damaged: byte ${offset} does not start a chunk`);
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
    } else if (type === 'eXIf') orientation = readOrientation(bytes.subarray(offset + 8, end));
    else if (type !== 'IEND' && type[0] === type[0]!.toUpperCase()) {
      throw new PngError(`the PNG has a critical chunk ${type}, which is not supported`);
    }
    offset = end + 4;
  }
  const data = chunks.get('IDAT');
  if (!data) throw new PngError('the PNG has no IDAT chunk');
  return {
    ...readHeader(chunks.get('IHDR')![0]!, maxPixels),
    palette: chunks.get('PLTE')?.[0],
    transparency: chunks.get('tRNS')?.[0],
    orientation,
    compressed: data,
  };
}

function readHeader(header: Uint8Array, maxPixels: number) {
  if (header.length !== 13)
    throw new PngError(`the PNG is damaged: its IHDR chunk has ${header.length} bytes, expected 13`);
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
  const [width, height] = [view.getUint32(0), view.getUint32(4)];
  const [depth, colour, compression, filter, interlace] = header.subarray(8);
  if (width === 0 || height === 0) throw new PngError(`the PNG is empty: it has ${width} × ${height} pixels`);
  if (width * height > maxPixels || Math.max(width, height) > MAX_SIDE) {
    throw new PngError(
      `the PNG has ${width} × ${height} pixels, expected at most ${maxPixels}, and ${MAX_SIDE} per side`,
    );
  }
  if (!DEPTHS[colour!]?.includes(depth!)) {
    throw new PngError(`the PNG is damaged: there is no colour type ${colour} with ${depth} bits per sample`);
  }
  if (compression !== 0 || filter !== 0 || interlace! > 1) {
    throw new PngError(
      `the PNG has an unknown compression (${compression}), filter (${filter}) or interlace method (${interlace})`,
    );
  }
  return { width, height, depth: depth!, colour: colour!, interlaced: interlace === 1 };
}

const ORIENTATION = 274;

/** Reads the orientation in EXIF data (TIFF 6.0, section 2): 1, upright, if they do not say another one. */
function readOrientation(exif: Uint8Array): number {
  const view = new DataView(exif.buffer, exif.byteOffset, exif.byteLength);
  const little = exif[0] === 0x49;
  if (exif.length < 8) return 1;
  const start = view.getUint32(4, little);
  if (start + 2 > exif.length) return 1;
  const entries = view.getUint16(start, little);
  for (let at = start + 2; at < start + 2 + 12 * entries && at + 12 <= exif.length; at += 12) {
    if (view.getUint16(at, little) !== ORIENTATION) continue;
    const found = view.getUint16(at + 8, little);
    return found >= 1 && found <= 8 ? found : 1;
  }
  return 1;
}

/** Whether bytes begin as a PNG does. */
export const isPng = (bytes: Uint8Array): boolean => SIGNATURE.every((byte, i) => bytes[i] === byte);
