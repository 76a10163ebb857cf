/** The four generators give numbers in groups of this size. */
const GROUP = 8;

/**
 * The random bits for noise: four xoshiro128** generators (Blackman & Vigna 2021) side by side, whose states are the
 * splitmix64 sequence (Steele, Lea & Flood 2014; Vigna 2015) from a key. The key is a hash of the place, different for
 * every step of a stream.
 */
export class Lanes {
  /** Word k of generator l is at index 4 k + l. */
  readonly #state: Uint32Array;

  constructor(seed: number, stream: number, step: number) {
    const state = new BigUint64Array(8);
    let key = mix(mix((BigInt(seed) << 32n) | BigInt(stream)) ^ BigInt(step));
    for (let i = 0; i < 8; i++) {
      key += 0x9e3779b97f4a7c15n;
      state[i] = mix(key);
    }
    this.#state = new Uint32Array(state.buffer);
  }

  /** The next eight words of 32 bits: one from each generator, then another from each. */
  bits(): Uint32Array {
    return Uint32Array.from({ length: GROUP }, (_, i) => this.#next(i % 4));
  }

  #next(lane: number): number {
    const s = this.#state;
    const [a, b, c, d] = [lane, lane + 4, lane + 8, lane + 12];
    const result = Math.imul(rotate(Math.imul(s[b], 5), 7), 9);
    const t = s[b] << 9;
    s[c] ^= s[a];
    s[d] ^= s[b];
    s[b] ^= s[c];
    s[a] ^= s[d];
    s[c] ^= t;
    s[d] = rotate(s[d], 11);
    return result;
  }
}

/** The finaliser of splitmix64. */
function mix(key: bigint): bigint {
  let z = BigInt.asUintN(64, key);
  z = BigInt.asUintN(64, (z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n);
  z = BigInt.asUintN(64, (z ^ (z >> 27n)) * 0x94d049bb133111ebn);
  return z ^ (z >> 31n);
}

const rotate = (x: number, by: number) => (x << by) | (x >>> (32 - by));

/** Fills `target` from groups of eight numbers; the last group may be cut short. */
export function fillByGroups(target: Float32Array, group: () => ArrayLike<number>): void {
  for (let start = 0; start < target.length; start += GROUP) {
    const numbers = group();
    for (let i = start; i < Math.min(start + GROUP, target.length); i++) target[i] = numbers[i - start];
  }
}

/** Uniform numbers in [0, 1), multiples of 2⁻²⁴: the reference for the kernel, which gives the same bytes. */
export function uniform(target: Float32Array, lanes: Lanes): void {
  fillByGroups(target, () => Float64Array.from(lanes.bits(), (bits) => (bits >>> 8) / 2 ** 24));
}
