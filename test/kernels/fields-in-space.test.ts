import { expect, test } from 'vitest';
import { KernelMemory } from '../../kernels/kernels.ts';
import { Random } from '../../kernels/random.ts';
import { slope, spline, twiddlesOf } from './grid-support.ts';

const random = new Random(12);

/** Some points on a grid of m × m × m lines: some at the same place, some on a line. */
function layPoints(m: number, n: number) {
  const stride = m + 8;
  const memory = new KernelMemory(4 * m * m * (stride + 1) + 4 * 64 * stride + 2 ** 16);
  const [y, places, scratch] = [memory.f32(3 * n), memory.f32(3 * n), memory.f32(32)];
  const [order, start] = [memory.i32(n), memory.i32(m * m + 2)];
  const corner = [-2, 3, 0.5] as const;
  const perLine = 1.5;
  for (let c = 0; c < 3 * n; c++) {
    const lines = Math.floor(c / 3) % 4 === 0 ? 3 + (c % 3) : random.uniform() * (m - 8);
    y[c] = corner[c % 3]! + lines / perLine;
  }
  memory.kernels.sortPoints(
    y.byteOffset,
    n,
    3,
    ...corner,
    perLine,
    m,
    start.byteOffset,
    order.byteOffset,
    places.byteOffset,
  );
  const at = (i: number, axis: number) => Math.fround(Math.fround(y[3 * i + axis] - corner[axis]!) * perLine);
  return { m, n, stride, memory, places, scratch, order, start, perLine, at };
}

const shapes = [16, 24].map((m) => ({ m, n: 5 + random.below(40) }));

test.each(shapes)('$n points are in the order of the planes and rows of $m × $m × $m lines', (shape) => {
  const { m, n, at, order, start, places } = layPoints(shape.m, shape.n);
  const rowOf = (i: number) => m * Math.floor(at(i, 2)) + Math.floor(at(i, 1));
  const expected = Array.from({ length: n }, (_, i) => i).sort((a, b) => rowOf(a) - rowOf(b) || a - b);
  expect(Array.from(order)).toEqual(expected);
  for (let row = 0; row < m * m; row++) {
    expect(expected.slice(start[row], start[row + 1]).every((i) => rowOf(i) === row)).toBe(true);
  }
  expect([start[0], start[m * m]]).toEqual([0, n]);
  for (const [place, i] of expected.entries()) {
    for (let axis = 0; axis < 3; axis++) expect(places[3 * place + axis]).toBeCloseTo(at(i, axis), 4);
  }
});

test.each(shapes)('a grid of $m × $m × $m lines gets the weights of $n points', (shape) => {
  const { m, n, stride, memory, at, start, places, scratch } = layPoints(shape.m, shape.n);
  const density = memory.f32(64 * stride);
  for (let plane = 0; plane < m; plane += 8) {
    for (let row = 0; row < m; row += 8) {
      memory.kernels.spreadPoints3(
        start.byteOffset,
        places.byteOffset,
        plane,
        row,
        m,
        stride,
        scratch.byteOffset,
        density.byteOffset,
      );
      for (let q = 0; q < 64 * stride; q++) {
        const [p, r, c] = [
          plane + Math.floor(q / stride / 8),
          row + (Math.floor(q / stride) % 8),
          q % stride,
        ];
        let sum = 0;
        for (let i = 0; i < n; i++) {
          sum += spline(at(i, 0) + 2 - c) * spline(at(i, 1) + 2 - r) * spline(at(i, 2) + 2 - p);
        }
        if (Math.abs(density[q] - sum) > 1e-5) expect(density[q]).toBeCloseTo(sum, 5);
      }
    }
  }
});

test.each(shapes)('$n points get the field on $m × $m × $m lines, and −½ of its gradient', (shape) => {
  const { m, n, stride, memory, at, order, places, scratch, perLine } = layPoints(shape.m, shape.n);
  const [field, forces] = [memory.f32(m * m * stride), memory.f32(3 * n).fill(7)];
  for (let q = 0; q < field.length; q++) field[q] = random.normal();
  const [first, end] = [1, n - 1];
  const sum = memory.kernels.gatherField3(
    field.byteOffset,
    m,
    stride,
    perLine,
    order.byteOffset,
    places.byteOffset,
    first,
    end,
    scratch.byteOffset,
    forces.byteOffset,
  );
  const expected = new Array<number>(3 * n).fill(7);
  let total = 0;
  for (const i of order.subarray(first, end)) {
    const force = [0, 0, 0];
    for (let q = 0; q < field.length; q++) {
      const lines = [q % stride, Math.floor(q / stride) % m, Math.floor(q / stride / m)];
      const offsets = lines.map((line, axis) => at(i, axis) + 2 - line);
      if (offsets.some((offset) => Math.abs(offset) >= 3)) continue;
      const weights = offsets.map(spline);
      total += field[q] * weights[0]! * weights[1]! * weights[2]!;
      for (let axis = 0; axis < 3; axis++) {
        const along = weights.with(axis, slope(offsets[axis]!));
        force[axis]! += field[q] * along[0]! * along[1]! * along[2]!;
      }
    }
    for (let axis = 0; axis < 3; axis++) expected[3 * i + axis] = (-perLine * force[axis]!) / 2;
  }
  expect(sum).toBeCloseTo(total, 3);
  for (const [c, value] of expected.entries()) expect(forces[c]).toBeCloseTo(value, 3);
});

test.each([16, 48])('a grid of %d lines with its padding along each axis is convolved', (lines) => {
  const m = lines / 2;
  const blocks = m / 4 + 1;
  const stride = m + 8;
  const memory = new KernelMemory(4 * lines * m * m * 24 + 2 ** 20);
  const { kernels } = memory;
  const twiddles = twiddlesOf(memory, lines).byteOffset;
  const work = memory.f32(16 * lines + 8 * lines * (m + 2)).byteOffset;
  const spectrum = memory.f32(8 * blocks * m * m).byteOffset;
  const [given, found] = [memory.f32(m * m * stride), memory.f32(m * m * stride)];
  const kernel = memory.f32(4 * blocks * (m + 1) * lines);
  // Two points are enough, in random places: the convolution is linear.
  const points = [1, -2].map((value) => ({ value, at: [0, 0, 0].map(() => random.below(m)) }));
  for (const { value, at } of points) given[(at[2]! * m + at[1]!) * stride + at[0]!] += value;
  // A product of even functions, whose transform is the product of theirs.
  const even = [0.5, 1, 2].map((width) => (d: number) => 1 / (1 + width * d * d));
  const transforms = even.map((f) =>
    Float64Array.from({ length: lines }, (_, k) => {
      let sum = 0;
      for (let j = 0; j < lines; j++) {
        sum += f(Math.min(j, lines - j)) * Math.cos((2 * Math.PI * ((j * k) % lines)) / lines);
      }
      return sum;
    }),
  );
  for (let k = 0; k <= m; k++) {
    for (let row = 0; row <= m; row++) {
      for (let plane = 0; plane < lines; plane++) {
        kernel[4 * ((Math.floor(k / 4) * (m + 1) + row) * lines + plane) + (k % 4)] =
          (transforms[0]![k] * transforms[1]![row] * transforms[2]![plane]) / (2 * lines ** 3);
      }
    }
  }
  for (let first = 0; first < m * m; first += 8) {
    const rows = given.byteOffset + 4 * first * stride;
    kernels.transformRows(rows, stride, first, m * m, lines, twiddles, work, spectrum);
  }
  for (let block = 0; block < blocks; block++) {
    const columns = spectrum + 32 * m * m * block;
    kernels.convolveColumns3(
      columns,
      lines,
      twiddles,
      work,
      kernel.byteOffset + 16 * lines * (m + 1) * block,
    );
  }
  for (let first = 0; first < m * m; first += 8) {
    kernels.restoreRows(spectrum, first, m * m, lines, twiddles, work, found.byteOffset, stride);
  }
  for (let q = 0; q < m ** 3; q++) {
    const lines = [q % m, Math.floor(q / m) % m, Math.floor(q / m / m)];
    let sum = 0;
    for (const { value, at } of points) {
      sum += value * lines.reduce((product, line, axis) => product * even[axis]!(line - at[axis]!), 1);
    }
    const value = found[Math.floor(q / m) * stride + (q % m)];
    if (!(Math.abs(value - sum) < 1e-5)) expect(value).toBeCloseTo(sum, 5);
  }
});
