import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EngineMemory } from '../../engine/memory/memory.ts';
import { type InferenceKernels, packedLength } from '../../kernels/inference.ts';
import { Random } from '../../kernels/random.ts';

const load = (name: string) =>
  new EngineMemory(
    new WebAssembly.Module(readFileSync(new URL(`../../kernels/build/${name}.wasm`, import.meta.url))),
  );

const SPECIAL = [
  0,
  -0,
  1,
  -1,
  0.5,
  88,
  -88,
  104,
  1e-40,
  3e38,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
];

/** Φ's error function to double precision, by its series and its continued fraction (Abramowitz & Stegun 7.1.5, 7.1.14). */
function erf(x: number): number {
  const t = Math.abs(x);
  if (t > 6) return Math.sign(x);
  if (t < 2.5) {
    let [term, sum] = [t, t];
    for (let k = 1; k < 80; k++) {
      term *= (-t * t) / k;
      sum += term / (2 * k + 1);
    }
    return (Math.sign(x) * 2 * sum) / Math.sqrt(Math.PI);
  }
  let fraction = t;
  for (let k = 80; k > 0; k--) fraction = t + k / 2 / fraction;
  return Math.sign(x) * (1 - Math.exp(-t * t) / (fraction * Math.sqrt(Math.PI)));
}

const UNARY = [
  ['neg', (x) => -x],
  ['abs', Math.abs],
  ['sign', (x) => (Number.isNaN(x) ? 0 : Math.sign(x))],
  ['sqrt', Math.sqrt],
  ['floor', Math.floor],
  ['truncate', Math.trunc],
  ['isNaN', (x) => Number(Number.isNaN(x))],
  ['isTrue', (x) => Number(x !== 0)],
  ['relu', (x) => Math.max(x, 0)],
  ['exp', Math.exp],
  ['log', Math.log],
  ['erf', erf],
  ['sigmoid', (x) => 1 / (1 + Math.exp(-x))],
  ['tanh', Math.tanh],
  ['sin', Math.sin],
  ['cos', Math.cos],
] as const satisfies readonly (readonly [keyof InferenceKernels, (x: number) => number])[];

const BINARY = [
  ['add', (a, b) => a + b],
  ['sub', (a, b) => a - b],
  ['mul', (a, b) => a * b],
  ['div', (a, b) => a / b],
  ['maximum', Math.max],
  ['minimum', Math.min],
  ['greater', (a, b) => Number(a > b)],
  ['greaterOrEqual', (a, b) => Number(a >= b)],
  ['equal', (a, b) => Number(a === b)],
] as const satisfies readonly (readonly [keyof InferenceKernels, (a: number, b: number) => number])[];

function expectClose(found: number, expected: number, what: string): void {
  const wanted = Math.fround(expected);
  if (!Number.isFinite(wanted)) expect(found, what).toBe(wanted);
  else
    expect(Math.abs(found - wanted), `${what}: ${found}, ${wanted}`).toBeLessThanOrEqual(
      3e-7 * Math.abs(wanted) + 1e-37,
    );
}

describe.each(['inference', 'inference-relaxed'])('%s', (name) => {
  const memory = load(name);
  const { kernels } = memory;
  const put = (values: ArrayLike<number>, length = values.length) => {
    const at = memory.take(length);
    memory.floats.set(values, at / 4);
    return at;
  };
  const get = (at: number, n: number) => memory.floats.slice(at / 4, at / 4 + n);

  test.each(UNARY)('%s is the function of its name, to three roundings', (op, truth) => {
    const random = new Random(1);
    const limit = op === 'sin' || op === 'cos' ? 100 : 30;
    const drawn = Array.from({ length: 400 }, () => limit * (2 * random.uniform() - 1));
    const special = op === 'sin' || op === 'cos' ? SPECIAL.filter((x) => !(Math.abs(x) > 1e4)) : SPECIAL;
    const x = Float32Array.from([...drawn, ...drawn.map((v) => v / 1000), ...special]);
    const [from, to] = [put(x), memory.take(x.length)];
    kernels[op](from, to, x.length);
    for (const [i, y] of get(to, x.length).entries()) expectClose(y, truth(x[i]), `${op}(${x[i]})`);
  });

  test.each(BINARY)('%s, with rows and values that repeat', (op, truth) => {
    const random = new Random(2);
    const draw = () => (random.uniform() < 0.1 ? SPECIAL[random.below(SPECIAL.length)] : random.below(7) - 3);
    for (const inner of [1, 3, 4, 9, 16]) {
      for (const [ao, ai, bo, bi] of [
        [inner, 1, inner, 1],
        [inner, 1, 0, 0],
        [0, 0, inner, 1],
        [inner, 1, 1, 0],
        [1, 0, 0, 1],
        [inner, 1, 0, 1],
      ]) {
        const outer = 3;
        const [a, b] = [ao, bo].map(() => Float32Array.from({ length: outer * inner }, draw));
        const y = memory.take(outer * inner);
        kernels[op](put(a), put(b), y, outer, inner, ao, ai, bo, bi);
        for (const [p, value] of get(y, outer * inner).entries()) {
          const [r, i] = [Math.floor(p / inner), p % inner];
          const expected = Math.fround(truth(a[r * ao + i * ai], b[r * bo + i * bi]));
          // -0 and 0 are equal.
          expect(
            value === expected || (Number.isNaN(value) && Number.isNaN(expected)),
            `${op} ${inner}`,
          ).toBe(true);
        }
      }
    }
  });

  test('products of any size are those of the definition, with and without ReLU', () => {
    const size = fc.integer({ min: 1, max: 70 });
    fc.assert(
      fc.property(
        size,
        size,
        size,
        fc.boolean(),
        fc.boolean(),
        fc.integer(),
        (n, k, m, transposed, relu, seed) => {
          const random = new Random(seed >>> 0);
          // Half of it zeros, which the kernel for one row skips; a row of zeros, too.
          const a = Float32Array.from({ length: n * k }, (_, i) =>
            i < k || random.uniform() < 0.5 ? 0 : random.normal(),
          );
          const b = Float32Array.from({ length: k * m }, () => random.normal());
          const bias = Float32Array.from({ length: m }, () => random.normal());
          const panels = memory.take(packedLength(k, m));
          kernels.pack(put(b), panels, k, m, transposed);
          const y = memory.take(n * m + 1);
          memory.floats[y / 4 + n * m] = 7;
          kernels.gemm(put(a), panels, y, n, k, m, put(bias, 8 * Math.ceil(m / 8)), relu);
          const found = get(y, n * m + 1);
          expect(found[n * m]).toBe(7);
          for (let i = 0; i < n; i++) {
            for (let j = 0; j < m; j++) {
              let sum = bias[j];
              let size = Math.abs(sum);
              for (let p = 0; p < k; p++) {
                const term = a[i * k + p] * (transposed ? b[j * k + p] : b[p * m + j]);
                sum += term;
                size += Math.abs(term);
              }
              const expected = relu ? Math.max(sum, 0) : sum;
              expect(Math.abs(found[i * m + j] - expected)).toBeLessThanOrEqual(1e-6 * size);
            }
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  test('sums, maxima and products over the middle axis', () => {
    const random = new Random(3);
    for (const [outer, size, inner] of [
      [1, 1, 1],
      [3, 17, 1],
      [2, 8, 5],
      [4, 3, 1],
    ]) {
      const x = Float32Array.from({ length: outer * size * inner }, () => random.normal());
      const from = put(x);
      const combine = {
        sum: [0, (a: number, b: number) => a + b],
        largest: [-Infinity, Math.max],
        product: [1, (a: number, b: number) => a * b],
      } as const;
      for (const [op, [start, join]] of Object.entries(combine)) {
        const y = memory.take(outer * inner);
        kernels[op as keyof typeof combine](from, y, outer, size, inner);
        for (const [p, value] of get(y, outer * inner).entries()) {
          let expected: number = start;
          for (let i = 0; i < size; i++)
            expected = join(expected, x[(Math.floor(p / inner) * size + i) * inner + (p % inner)]);
          expect(Math.abs(value - expected), op).toBeLessThan(1e-5);
        }
      }
    }
  });

  test('clip, where, leaky ReLU and ELU', () => {
    const x = Float32Array.of(-3, -0.5, 0, 0.5, 3, Number.NaN, Number.POSITIVE_INFINITY);
    const [from, y] = [put(x), memory.take(x.length)];
    kernels.clip(from, y, x.length, -1, 1);
    expect([...get(y, x.length)]).toEqual([-1, -0.5, 0, 0.5, 1, Number.NaN, 1]);
    kernels.leakyRelu(from, y, x.length, 0.25);
    expect([...get(y, 5)]).toEqual([-0.75, -0.125, 0, 0.5, 3]);
    kernels.elu(from, y, x.length, 2);
    for (const [i, value] of get(y, 5).entries())
      expectClose(value, x[i] >= 0 ? x[i] : 2 * (Math.exp(x[i]) - 1), `${x[i]}`);
    const chosen = memory.take(x.length);
    kernels.where(put([1, 0, 1, 0, 1, 0, 1]), from, y, chosen, x.length);
    expect(get(chosen, 4)[0]).toBe(-3);
    expect(get(chosen, 4)[1]).toBe(get(y, 4)[1]);
  });
});
