/**
 * The random generator of the whole product: xoshiro128** (Blackman & Vigna 2021), seeded with splitmix32. The same
 * seed gives the same sequence on every machine.
 */
export class Random {
  /** The state of the uniform sequence: four 32-bit words. */
  readonly state = new Uint32Array(4);
  #spare = Number.NaN;

  constructor(seed: number) {
    let s = seed >>> 0;
    for (let i = 0; i < 4; i++) {
      s = (s + 0x9e3779b9) >>> 0;
      let z = s;
      z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
      z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
      this.state[i] = z ^ (z >>> 15);
    }
  }

  /** A generator for one place in a run, such as an epoch. It depends only on the seed and the place. */
  static stream(seed: number, ...place: number[]): Random {
    return place.reduce((parent, index) => {
      for (let i = 0; i < 4; i++) parent.state[i] ^= Math.imul(index + 1, 0x9e3779b1 + 2 * i);
      return new Random(parent.bits() ^ Math.imul(parent.bits(), 0x85ebca6b));
    }, new Random(seed));
  }

  /** 32 uniform bits. */
  bits(): number {
    const s = this.state;
    const m = Math.imul(s[1], 5);
    const result = Math.imul((m << 7) | (m >>> 25), 9) >>> 0;
    const t = s[1] << 9;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = (s[3] << 11) | (s[3] >>> 21);
    return result;
  }

  /** Uniform in [0, 1), with 32 bits. */
  uniform(): number {
    return this.bits() / 4294967296;
  }

  /** Uniform integer in [0, n). */
  below(n: number): number {
    return Math.floor(this.uniform() * n);
  }

  /** Standard normal, by the polar method (Marsaglia & Bray 1964). */
  normal(): number {
    if (!Number.isNaN(this.#spare)) {
      const spare = this.#spare;
      this.#spare = Number.NaN;
      return spare;
    }
    let u: number;
    let v: number;
    let s: number;
    do {
      u = 2 * this.uniform() - 1;
      v = 2 * this.uniform() - 1;
      s = u * u + v * v;
    } while (s >= 1 || s === 0);
    const factor = Math.sqrt((-2 * Math.log(s)) / s);
    this.#spare = v * factor;
    return u * factor;
  }

  /** Shuffles in place (Fisher–Yates). */
  shuffle(values: Uint32Array): Uint32Array {
    for (let i = values.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      const kept = values[i];
      values[i] = values[j];
      values[j] = kept;
    }
    return values;
  }
}
