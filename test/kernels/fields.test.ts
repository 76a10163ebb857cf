import { describe, expect, it, test } from 'vitest';
import { KernelMemory } from '../../kernels/kernels.ts';
import { Random } from '../../kernels/random.ts';
import { attract } from '../../tsne/attraction.ts';
import { randomAffinities, scatterPoints } from '../tsne/points.ts';
import { slope, spline, twiddlesOf } from './grid-support.ts';

const random = new Random(11);
const normals = (target: Float32Array) => {
  for (let i = 0; i < target.length; i++) target[i] = random.normal();
  return target;
};

describe('the fast Fourier transform', () => {
  const sizes = [1, 2, 3, 4, 5, 6, 8, 9, 10, 12, 15, 16, 25, 30, 32, 48, 60, 100, 144, 150, 240];
  it.each(sizes)('of four signals of %d numbers is that of the definition', (n) => {
    const memory = new KernelMemory(65_536);
    const [x, y, twiddles] = [memory.f32(8 * n), memory.f32(8 * n), twiddlesOf(memory, n)];
    const given = normals(x).slice();
    const at = memory.kernels.fft(memory.pointer(x), memory.pointer(y), n, memory.pointer(twiddles));
    const found = at === memory.pointer(x) ? x : y;
    for (let lane = 0; lane < 4; lane++) {
      for (let k = 0; k < n; k++) {
        let [re, im] = [0, 0];
        for (let j = 0; j < n; j++) {
          const angle = (-2 * Math.PI * ((j * k) % n)) / n;
          const [a, b] = [given[8 * j + lane], given[8 * j + 4 + lane]];
          re += a * Math.cos(angle) - b * Math.sin(angle);
          im += a * Math.sin(angle) + b * Math.cos(angle);
        }
        expect(found[8 * k + lane]).toBeCloseTo(re, 4);
        expect(found[8 * k + 4 + lane]).toBeCloseTo(im, 4);
      }
    }
  });
});

describe('the grid', () => {
  const [n, m] = [37, 24];
  const stride = m + 8;
  const memory = new KernelMemory(2 ** 18);
  const [y, forces, places] = [memory.f32(2 * n), memory.f32(2 * n), memory.f32(2 * n)];
  const [order, start] = [memory.i32(n), memory.i32(m + 2)];
  const [density, field, scratch] = [memory.f32(8 * stride), memory.f32(m * stride), memory.f32(16)];
  const [left, bottom, perLine] = [-2, 3, 1.5];
  // Some points at the same place, some on a line, and every row and column that there may be.
  for (let i = 0; i < n; i++) {
    y[2 * i] = left + (i % 5 === 0 ? 4 : random.uniform() * (m - 8)) / perLine;
    y[2 * i + 1] = bottom + (i % 7 === 0 ? 2 : random.uniform() * (m - 8)) / perLine;
  }
  memory.kernels.sortPoints(
    memory.pointer(y),
    n,
    2,
    left,
    bottom,
    0,
    perLine,
    m,
    memory.pointer(start),
    memory.pointer(order),
    memory.pointer(places),
  );
  const u = (i: number) => (y[2 * i] - left) * perLine;
  const v = (i: number) => (y[2 * i + 1] - bottom) * perLine;
  /** Points have their first weight on their row: where they are is between the third and the fourth. */
  const weight = (i: number, row: number, column: number) =>
    spline(u(i) + 2 - column) * spline(v(i) + 2 - row);

  test('has the points in the order of their rows, those of a row in their own', () => {
    const expected = Array.from({ length: n }, (_, i) => i).sort(
      (a, b) => Math.floor(v(a)) - Math.floor(v(b)) || a - b,
    );
    expect(Array.from(order)).toEqual(expected);
    for (let row = 0; row < m; row++) {
      const members = expected.slice(start[row], start[row + 1]);
      expect(members.every((i) => Math.floor(v(i)) === row)).toBe(true);
    }
    expect([start[0], start[m]]).toEqual([0, n]);
    for (const [place, i] of expected.entries()) {
      expect(places[2 * place]).toBeCloseTo(u(i), 4);
      expect(places[2 * place + 1]).toBeCloseTo(v(i), 4);
    }
  });

  test('gets the weights of quintic B-splines', () => {
    for (let first = 0; first < m; first += 8) {
      const pointers = [start, places].map((array) => array.byteOffset);
      memory.kernels.spreadPoints(
        pointers[0],
        pointers[1],
        first,
        stride,
        memory.pointer(scratch),
        memory.pointer(density),
      );
      for (let row = 0; row < 8; row++) {
        for (let column = 0; column < stride; column++) {
          let sum = 0;
          for (let i = 0; i < n; i++) sum += weight(i, first + row, column);
          expect(density[row * stride + column]).toBeCloseTo(sum, 5);
        }
      }
    }
  });

  test('gives the points its field, and forces of −½ of its gradient', () => {
    normals(field);
    const [first, end] = [3, n - 4];
    forces.fill(7);
    const sum = memory.kernels.gatherField(
      memory.pointer(field),
      stride,
      perLine,
      memory.pointer(order),
      memory.pointer(places),
      first,
      end,
      memory.pointer(scratch),
      memory.pointer(forces),
    );
    const expected = new Array<number>(2 * n).fill(7);
    let total = 0;
    for (const i of order.subarray(first, end)) {
      let [x, z] = [0, 0];
      for (let row = 0; row < m; row++) {
        for (let column = 0; column < stride; column++) {
          const value = field[row * stride + column];
          total += value * weight(i, row, column);
          x += value * slope(u(i) + 2 - column) * spline(v(i) + 2 - row);
          z += value * spline(u(i) + 2 - column) * slope(v(i) + 2 - row);
        }
      }
      expected[2 * i] = (-perLine * x) / 2;
      expected[2 * i + 1] = (-perLine * z) / 2;
    }
    expect(sum).toBeCloseTo(total, 3);
    for (const [c, value] of expected.entries()) expect(forces[c]).toBeCloseTo(value, 3);
  });

  test.each([16, 48, 80])('of %d lines with its padding is convolved with an even kernel', (lines) => {
    const half = lines / 2;
    const blocks = half / 4 + 1;
    const width = half + 8;
    const own = new KernelMemory(2 ** 20);
    const twiddles = twiddlesOf(own, lines);
    const work = own.f32(16 * lines);
    const [spectrum, given, found] = [
      own.f32(8 * blocks * half),
      own.f32(half * width),
      own.f32(half * width),
    ];
    const kernel = own.f32(4 * blocks * lines);
    normals(given);
    const even = (dx: number, dy: number) => 1 / (1 + dx * dx + 2 * dy * dy);
    const around = (j: number) => Math.min(j, lines - j);
    for (let k = 0; k <= half; k++) {
      for (let l = 0; l < lines; l++) {
        let sum = 0;
        for (let x = 0; x < lines; x++) {
          for (let z = 0; z < lines; z++) {
            sum += even(around(x), around(z)) * Math.cos((2 * Math.PI * (k * x + l * z)) / lines);
          }
        }
        kernel[4 * (lines * Math.floor(k / 4) + l) + (k % 4)] = sum / (2 * lines * lines);
      }
    }
    for (let first = 0; first < half; first += 8) {
      const rows = own.pointer(given) + 4 * first * width;
      own.kernels.transformRows(
        rows,
        width,
        first,
        half,
        lines,
        own.pointer(twiddles),
        own.pointer(work),
        own.pointer(spectrum),
      );
    }
    for (let block = 0; block < blocks; block++) {
      own.kernels.convolveColumns(
        own.pointer(spectrum) + 32 * half * block,
        lines,
        own.pointer(twiddles),
        own.pointer(work),
        own.pointer(kernel) + 16 * lines * block,
      );
    }
    for (let first = 0; first < half; first += 8) {
      own.kernels.restoreRows(
        own.pointer(spectrum),
        first,
        half,
        lines,
        own.pointer(twiddles),
        own.pointer(work),
        own.pointer(found),
        width,
      );
    }
    for (let row = 0; row < half; row += 3) {
      for (let column = 0; column < half; column++) {
        let sum = 0;
        for (let r = 0; r < half; r++) {
          for (let c = 0; c < half; c++) sum += given[r * width + c] * even(column - c, row - r);
        }
        expect(found[row * width + column]).toBeCloseTo(sum, 4);
      }
    }
  });
});

test.each([2, 3].flatMap((dims) => [5, 6, 30, 61].map((n) => ({ n, dims }))))(
  'the attraction of $n points in $dims dimensions is that of the reference',
  ({ n, dims }) => {
    const p = randomAffinities(n, n);
    const entries = p.value.length;
    const memory = new KernelMemory(2 ** 18);
    const [rowStart, column, value] = [memory.i32(n + 1), memory.i32(entries), memory.f32(entries)];
    const [y, forces] = [memory.f32(dims * n), memory.f32(dims * n)];
    rowStart.set(p.rowStart);
    column.set(p.column);
    value.set(p.value);
    y.set(scatterPoints(n, 8, 2, dims));
    const [first, end] = [1, n - 1];
    const expected = new Float64Array(dims * n);
    attract(p, y, first, end, expected, { dims, dof: 1 });
    const pointers = [rowStart, column, value, y].map((array) => array.byteOffset) as [
      number,
      number,
      number,
      number,
    ];
    const { attract: attract2, attract3 } = memory.kernels;
    (dims === 3 ? attract3 : attract2)(...pointers, first, end, memory.pointer(forces));
    for (const [c, force] of expected.entries()) expect(forces[c]).toBeCloseTo(force, 7);
  },
);
