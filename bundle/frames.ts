import { BundleError } from './error.ts';
import { FRAMES_FILE } from './frames-file.ts';

/**
 * `map-frames.bin`: where the points were while the map was made, to replay it. Little-endian:
 *
 *   0  u32 magic 'OFMR'   4  u32 version   8  u32 points (n)   12  u32 frames (f)
 *   16 f × (u32 iteration, f32 left, f32 bottom, f32 extent), then, compressed by zlib, f × (u8[n] x, u8[n] y)
 *
 * The bytes 0 … 255 are places in the square of that extent with that left bottom corner: the smallest around the frame's points,
 * but for rounding. From the second frame on, they are less those of the frame before, modulo 256, which takes less space.
 */
const MAGIC = 0x524d464f;
const VERSION = 1;
const [HEADER, ENTRY] = [16, 16];

/** Levels of a coordinate in a frame. */
export const LEVELS = 256;

/** Where n points were after an iteration. */
export interface Frame {
  readonly iteration: number;
  /** The square around them, in units of the map. */
  readonly left: number;
  readonly bottom: number;
  readonly extent: number;
  /** x of all points, then y, from 0 for the left or the bottom to 255. */
  readonly places: Uint8Array;
}

/** The smallest square with the centre of a map's bounding box that holds its points. */
export function squareAround(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
): Pick<Frame, 'left' | 'bottom' | 'extent'> {
  let [left, right, bottom, top] = [x[0]!, x[0]!, y[0]!, y[0]!];
  for (let i = 1; i < x.length; i++) {
    left = Math.min(left, x[i]!);
    right = Math.max(right, x[i]!);
    bottom = Math.min(bottom, y[i]!);
    top = Math.max(top, y[i]!);
  }
  const extent = Math.max(right - left, top - bottom);
  return { left: (left + right - extent) / 2, bottom: (bottom + top - extent) / 2, extent };
}

/** A coordinate as one of 256 levels of a square's side. */
export const levelOf = (value: number, from: number, extent: number): number =>
  extent > 0 ? Math.min(LEVELS - 1, Math.max(0, Math.floor((LEVELS * (value - from)) / extent))) : LEVELS / 2;

/** A frame of the places of n points. */
export function quantiseFrame(x: Float32Array, y: Float32Array, iteration: number): Frame {
  const { left, bottom, extent } = squareAround(x, y);
  const n = x.length;
  const places = new Uint8Array(2 * n);
  for (let i = 0; i < n; i++) {
    places[i] = levelOf(x[i]!, left, extent);
    places[n + i] = levelOf(y[i]!, bottom, extent);
  }
  return { iteration, left, bottom, extent, places };
}

/** Encodes the frames of n points. */
export async function encodeFrames(frames: readonly Frame[], n: number): Promise<Uint8Array> {
  const view = new DataView(new ArrayBuffer(HEADER + ENTRY * frames.length));
  for (const [i, value] of [MAGIC, VERSION, n, frames.length].entries()) view.setUint32(4 * i, value, true);
  const moves = new Uint8Array(2 * n * frames.length);
  for (const [f, { iteration, left, bottom, extent, places }] of frames.entries()) {
    const at = HEADER + ENTRY * f;
    view.setUint32(at, iteration, true);
    for (const [i, value] of [left, bottom, extent].entries()) view.setFloat32(at + 4 + 4 * i, value, true);
    const before = frames[f - 1]?.places;
    for (let p = 0; p < 2 * n; p++) moves[2 * n * f + p] = places[p]! - (before?.[p] ?? 0);
  }
  const packed = await pipe(moves, new CompressionStream('deflate'));
  const bytes = new Uint8Array(view.byteLength + packed.length);
  bytes.set(new Uint8Array(view.buffer));
  bytes.set(packed, view.byteLength);
  return bytes;
}

/** Decodes the frames of n points. Throws a {@link BundleError} if the file is damaged, or belongs to other points. */
export async function decodeFrames(bytes: Uint8Array, n: number): Promise<Frame[]> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const head = [0, 4, 8, 12].map((at) => (at + 4 <= bytes.length ? view.getUint32(at, true) : 0));
  const [magic, version, points, count] = head as [number, number, number, number];
  if (magic !== MAGIC) throw new BundleError(`${FRAMES_FILE} does not start with OFMR`);
  if (version !== VERSION)
    throw new BundleError(`${FRAMES_FILE} has version ${version}, expected ${VERSION}`);
  if (points !== n) throw new BundleError(`${FRAMES_FILE} has ${points} points, but the map has ${n}`);
  const start = HEADER + ENTRY * count;
  const moves = await unpack(bytes.subarray(Math.min(start, bytes.length)));
  if (moves?.length !== 2 * n * count)
    throw new BundleError(`${FRAMES_FILE} is damaged: its frames are not whole`);
  for (let p = 2 * n; p < moves.length; p++) moves[p]! += moves[p - 2 * n]!;
  return Array.from({ length: count }, (_, f) => {
    const at = HEADER + ENTRY * f;
    const [left, bottom, extent] = [4, 8, 12].map((offset) => view.getFloat32(at + offset, true));
    return {
      iteration: view.getUint32(at, true),
      left: left!,
      bottom: bottom!,
      extent: extent!,
      places: moves.subarray(2 * n * f, 2 * n * (f + 1)),
    };
  });
}

/** The decompressed bytes; undefined if they cannot be decompressed. */
const unpack = (bytes: Uint8Array): Promise<Uint8Array | undefined> =>
  pipe(bytes, new DecompressionStream('deflate')).catch(() => undefined);

async function pipe(
  bytes: Uint8Array,
  through: CompressionStream | DecompressionStream,
): Promise<Uint8Array> {
  const stream = new Blob([bytes as Uint8Array<ArrayBuffer>]).stream().pipeThrough(through);
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
