import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  centreOfMass,
  drawNoise,
  fitLikeMnist,
  invert,
  isMnistSize,
  rotate,
  shrink,
} from '../../../dashboard/data/drawing.ts';

/** An image from rows of characters: # is white, . is black. */
const draw = (...rows: string[]) => Uint8Array.from(rows.join(''), (mark) => (mark === '#' ? 255 : 0));

/**
 * The mean over the area that a target pixel covers, by definition: both grids are cut into the finest pieces that fit
 * them, of which each belongs to one source and one target pixel.
 */
function meanOfArea(source: Uint8Array, columns: number, width: number, height: number): number[] {
  const rows = source.length / columns;
  return Array.from({ length: width * height }, (_, i) => {
    const [x, y] = [i % width, Math.floor(i / width)];
    let sum = 0;
    for (let v = y * rows; v < (y + 1) * rows; v++) {
      for (let u = x * columns; u < (x + 1) * columns; u++) {
        sum += source[Math.floor(v / height) * columns + Math.floor(u / width)]!;
      }
    }
    return sum / (rows * columns);
  });
}

const shrunk = fc.record({
  width: fc.integer({ min: 1, max: 6 }),
  height: fc.integer({ min: 1, max: 6 }),
  moreColumns: fc.integer({ min: 0, max: 8 }),
  moreRows: fc.integer({ min: 0, max: 8 }),
});

test('each pixel of a shrunk drawing is the mean of the area that it covers', () => {
  fc.assert(
    fc.property(shrunk, fc.infiniteStream(fc.nat(255)), ({ width, height, moreColumns, moreRows }, bytes) => {
      const columns = width + moreColumns;
      const source = Uint8Array.from(
        { length: columns * (height + moreRows) },
        () => bytes.next().value as number,
      );
      const found = shrink(source, columns, { width, height });
      for (const [i, mean] of meanOfArea(source, columns, width, height).entries()) {
        expect(Math.abs(found[i]! - mean)).toBeLessThanOrEqual(0.5 + 1e-4);
      }
    }),
  );
});

/** A drawing with one filled rectangle. */
function rectangle(side: number, left: number, top: number, width: number, height: number): Uint8Array {
  const drawing = new Uint8Array(side * side);
  for (let y = top; y < top + height; y++) drawing.fill(255, y * side + left, y * side + left + width);
  return drawing;
}

/** The columns and rows from the first to the last with ink. */
function inkSize(image: Float32Array): { width: number; height: number } {
  const ink = [...image.keys()].filter((i) => image[i]! > 0);
  const span = (values: number[]) => Math.max(...values) - Math.min(...values) + 1;
  return { width: span(ink.map((i) => i % 28)), height: span(ink.map((i) => Math.floor(i / 28))) };
}

test('like MNIST, the longer side of the ink is 20 pixels and its proportions are kept', () => {
  expect(inkSize(fitLikeMnist(rectangle(280, 10, 90, 100, 50), 280))).toEqual({ width: 20, height: 10 });
  expect(inkSize(fitLikeMnist(rectangle(280, 200, 0, 14, 140), 280))).toEqual({ width: 2, height: 20 });
});

test('like MNIST, the centre of mass of the ink is the centre of the image, wherever it was drawn', () => {
  const side = 56;
  fc.assert(
    fc.property(
      fc.array(
        fc.record({
          left: fc.integer({ min: 0, max: 40 }),
          top: fc.integer({ min: 0, max: 40 }),
          width: fc.integer({ min: 4, max: 16 }),
          height: fc.integer({ min: 4, max: 16 }),
        }),
        { minLength: 1, maxLength: 3 },
      ),
      (boxes) => {
        const drawing = new Uint8Array(side * side);
        for (const { left, top, width, height } of boxes) {
          for (const [i, value] of rectangle(side, left, top, width, height).entries()) {
            drawing[i] = Math.max(drawing[i]!, value);
          }
        }
        // Where the ink is so uneven that its box does not fit around its centre of mass, some of it is cut off.
        const ink = centreOfMass(drawing, side);
        const [left, top] = [Math.min(...boxes.map((b) => b.left)), Math.min(...boxes.map((b) => b.top))];
        const right = Math.max(...boxes.map((b) => b.left + b.width));
        const bottom = Math.max(...boxes.map((b) => b.top + b.height));
        const farthest = Math.max(ink.x - left, right - ink.x, ink.y - top, bottom - ink.y);
        fc.pre((20 * farthest) / Math.max(right - left, bottom - top) < 13);
        const { x, y } = centreOfMass(fitLikeMnist(drawing, side), 28);
        // The ink moves by whole pixels, and grey values are rounded.
        expect(Math.abs(x - 14)).toBeLessThanOrEqual(0.75);
        expect(Math.abs(y - 14)).toBeLessThanOrEqual(0.75);
      },
    ),
  );
});

test('a drawing that is moved gives the same image', () => {
  const here = fitLikeMnist(rectangle(100, 5, 5, 30, 60), 100);
  expect(fitLikeMnist(rectangle(100, 61, 33, 30, 60), 100)).toEqual(here);
});

test('an empty drawing, and one with only a trace of ink, is an empty image', () => {
  expect(Math.max(...fitLikeMnist(new Uint8Array(100), 10))).toBe(0);
  expect(Math.max(...fitLikeMnist(new Uint8Array(100).fill(15), 10))).toBe(0);
  expect(Math.max(...fitLikeMnist(new Uint8Array(100).fill(16), 10))).toBeGreaterThan(0);
});

test('the centre of mass is the mean position of the light', () => {
  expect(centreOfMass(draw('...', '..#', '...'), 3)).toEqual({ x: 2.5, y: 1.5 });
  expect(centreOfMass(draw('#..#', '#..#'), 4)).toEqual({ x: 2, y: 1 });
  expect(centreOfMass([1, 3], 2)).toEqual({ x: 1.25, y: 0.5 });
});

test('a quarter turn is clockwise, and four of them are none', () => {
  const arrow = Float32Array.from(draw('##.', '...', '...'));
  expect(rotate(arrow)).toEqual(Float32Array.from(draw('..#', '..#', '...')));
  const image = drawNoise({ height: 5, width: 5 });
  expect(rotate(rotate(rotate(rotate(image))))).toEqual(image);
});

test('inverting twice gives the same image', () => {
  const image = drawNoise({ height: 3, width: 4 });
  expect(invert(image)).not.toEqual(image);
  expect(invert(invert(image))).toEqual(image);
});

test('noise has every value from 0 to 255 and none beyond', () => {
  const noise = drawNoise({ height: 100, width: 200 });
  expect(noise.length).toBe(20_000);
  expect(new Set(noise).size).toBe(256);
  const [least, largest] = [0, 1 - 2 ** -53].map(
    (random) => drawNoise({ height: 1, width: 1 }, () => random)[0],
  );
  expect([least, largest]).toEqual([0, 255]);
});

test('only 28 × 28 is the size of MNIST', () => {
  expect(isMnistSize({ height: 28, width: 28 })).toBe(true);
  expect(isMnistSize({ height: 28, width: 32 })).toBe(false);
});
