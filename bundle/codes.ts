import { CodeDistances } from '../engine/code-distances.ts';
import { BundleError } from './error.ts';

/**
 * `codes.bin`: the codes of the map's points, quantised to 8 bits per dimension, and their places on the map.
 * Little-endian, each section aligned to 4 bytes:
 *
 *   0  u32 magic 'OFMC'   4  u16 version   6  u16 dims (d)   8  u32 count (n)   12  u32 neighbours (k)
 *   16 f32[d] minimum, f32[d] step, i32[n] id, f32[n] x, f32[n] y, u8[n × d] code (row-major)
 *
 * A code is `minimum + step × byte`.
 */
const MAGIC = 0x434d464f;
const VERSION = 1;
const HEADER = 16;

/** A place on the map, and the points it is computed from, the nearest first. */
export interface Placement {
  x: number;
  y: number;
  neighbours: { index: number; id: number; distance: number }[];
}

/** Places codes on the map by their nearest neighbours among the map's points. */
export class CodeIndex {
  readonly dims: number;
  readonly count: number;
  readonly neighbours: number;
  readonly ids: Int32Array;
  readonly x: Float32Array;
  readonly y: Float32Array;
  readonly #minimum: Float32Array;
  readonly #step: Float32Array;
  /** count × dims, row-major. */
  readonly #quantised: Uint8Array;
  readonly #distances: (code: Float32Array) => Float32Array;

  /**
   * Reads `codes.bin`. With the kernels compiled, distances take a fraction of the time. Throws a {@link BundleError} if
   * it is damaged.
   */
  constructor(bytes: Uint8Array, kernels?: WebAssembly.Module) {
    if (bytes.length < HEADER) throw new BundleError(`codes.bin is truncated: ${bytes.length} bytes`);
    const { buffer, byteOffset } = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
    const view = new DataView(buffer, byteOffset);
    if (view.getUint32(0, true) !== MAGIC) throw new BundleError('codes.bin does not start with OFMC');
    const version = view.getUint16(4, true);
    if (version !== VERSION) throw new BundleError(`codes.bin has version ${version}, expected ${VERSION}`);
    const dims = view.getUint16(6, true);
    const count = view.getUint32(8, true);
    const size = sizeOf(count, dims);
    if (bytes.length !== size) {
      throw new BundleError(
        `codes.bin has ${bytes.length} bytes, expected ${size} for ${count} codes of length ${dims}`,
      );
    }
    this.dims = dims;
    this.count = count;
    this.neighbours = view.getUint32(12, true);
    let offset = byteOffset + HEADER;
    const f32 = (n: number) => {
      const section = new Float32Array(buffer, offset, n);
      offset += section.byteLength;
      return section;
    };
    this.#minimum = f32(dims);
    this.#step = f32(dims);
    this.ids = new Int32Array(f32(count).buffer, offset - 4 * count, count);
    this.x = f32(count);
    this.y = f32(count);
    this.#quantised = new Uint8Array(buffer, offset, count * dims);
    if (kernels) {
      const fast = new CodeDistances(kernels, this.#quantised, this.#minimum, this.#step);
      this.#distances = (code) => fast.squared(code);
    } else this.#distances = (code) => this.#squaredDistances(code);
  }

  /** The code of a point, dequantised. */
  codeOf(index: number): Float32Array {
    const start = index * this.dims;
    return this.#minimum.map((minimum, j) => minimum + this.#step[j] * this.#quantised[start + j]);
  }

  /** Finds the `k` points of the map nearest to a code (Euclidean), the nearest first. All are looked at, O(count × dims). */
  nearest(code: Float32Array, k: number): Placement['neighbours'] {
    if (code.length !== this.dims)
      throw new RangeError(`a code of length ${code.length}, expected ${this.dims}`);
    const kept = Math.min(k, this.count);
    const distances = this.#distances(code);
    const index = new Int32Array(kept);
    const squared = new Float32Array(kept).fill(Number.POSITIVE_INFINITY);
    for (let i = 0; i < this.count; i++) {
      const distance = distances[i];
      if (!(distance < squared[kept - 1])) continue;
      let slot = kept - 1;
      while (slot > 0 && squared[slot - 1] > distance) {
        squared[slot] = squared[slot - 1];
        index[slot] = index[slot - 1];
        slot--;
      }
      squared[slot] = distance;
      index[slot] = i;
    }
    // What is shown is exact: a point of the map is at no distance from itself.
    return Array.from(index, (i) => ({
      index: i,
      id: this.ids[i],
      distance: distanceBetween(this.codeOf(i), code),
    }));
  }

  /** What {@link CodeDistances} computes, without kernels. */
  #squaredDistances(code: Float32Array): Float32Array {
    const shift = this.#minimum.map((minimum, j) => minimum - code[j]);
    const [step, quantised] = [this.#step, this.#quantised];
    const distances = new Float32Array(this.count);
    for (let i = 0, p = 0; i < this.count; i++) {
      let sum = 0;
      for (let j = 0; j < this.dims; j++, p++) {
        const difference = shift[j] + step[j] * quantised[p];
        sum += difference * difference;
      }
      distances[i] = sum;
    }
    return distances;
  }

  /**
   * Places a code at the mean of its nearest points' places, weighted by 1 / distance² (Shepard's inverse distance
   * weighting), so that a point of the map lands on itself.
   *
   * @param except the index of a point that is left out, as if it were not on the map
   */
  place(code: Float32Array, except?: number): Placement {
    const neighbours =
      except === undefined
        ? this.nearest(code, this.neighbours)
        : this.nearest(code, this.neighbours + 1)
            .filter(({ index }) => index !== except)
            .slice(0, this.neighbours);
    let x = 0;
    let y = 0;
    let total = 0;
    const floor = 1e-6 * (neighbours.at(-1)!.distance ** 2 || 1);
    for (const { index, distance } of neighbours) {
      const weight = 1 / (distance * distance + floor);
      x += weight * this.x[index];
      y += weight * this.y[index];
      total += weight;
    }
    return { x: x / total, y: y / total, neighbours };
  }
}

function distanceBetween(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let j = 0; j < a.length; j++) sum += (a[j] - b[j]) ** 2;
  return Math.sqrt(sum);
}

const sizeOf = (count: number, dims: number) => HEADER + 8 * dims + 12 * count + count * dims;

/** Encodes `codes.bin` from `codes` (count × dims, row-major), ids and places. */
export function encodeCodes(points: {
  codes: Float32Array;
  dims: number;
  ids: Int32Array;
  x: Float32Array;
  y: Float32Array;
  neighbours: number;
}): Uint8Array {
  const { codes, dims, ids, x, y, neighbours } = points;
  const count = ids.length;
  const bytes = new Uint8Array(sizeOf(count, dims));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, MAGIC, true);
  view.setUint16(4, VERSION, true);
  view.setUint16(6, dims, true);
  view.setUint32(8, count, true);
  view.setUint32(12, neighbours, true);
  const minimum = new Float32Array(dims).fill(Number.POSITIVE_INFINITY);
  const maximum = new Float32Array(dims).fill(Number.NEGATIVE_INFINITY);
  for (let p = 0; p < codes.length; p++) {
    const j = p % dims;
    if (codes[p] < minimum[j]) minimum[j] = codes[p];
    if (codes[p] > maximum[j]) maximum[j] = codes[p];
  }
  const step = maximum.map((top, j) => (top - minimum[j]) / 255);
  let offset = HEADER;
  for (const section of [minimum, step, ids, x, y]) {
    bytes.set(new Uint8Array(section.buffer, section.byteOffset, section.byteLength), offset);
    offset += section.byteLength;
  }
  for (let p = 0; p < codes.length; p++) {
    const j = p % dims;
    bytes[offset + p] = step[j] > 0 ? Math.round((codes[p] - minimum[j]) / step[j]) : 0;
  }
  return bytes;
}
