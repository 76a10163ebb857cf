import fc from 'fast-check';
import { expect, test } from 'vitest';
import { blend, drawDots, gridOf } from '../../../dashboard/map/raster.ts';
import { drawTiles } from '../../../dashboard/map/raster-tiles.ts';

const WHITE = 0xffffffff;

const blank = (width: number, height: number) => ({
  words: new Uint32Array(width * height).fill(WHITE),
  width,
  height,
});

const channelsOf = (word: number) => [word & 255, (word >>> 8) & 255, (word >>> 16) & 255];

const dotAt = (x: number, y: number, colour = 0xff0000ff) => ({
  x: Float32Array.of(x),
  y: Float32Array.of(y),
  colours: Uint32Array.of(colour),
  order: Uint32Array.of(0),
});

test('a blended colour lies between both, channel by channel, to a step of 256', () => {
  const word = fc.integer({ min: 0, max: 0xffffff });
  fc.assert(
    fc.property(word, word, fc.integer({ min: 0, max: 256 }), (under, over, weight) => {
      const mixed = channelsOf(blend(under, over, weight));
      for (const [i, value] of mixed.entries()) {
        const [from, to] = [channelsOf(under)[i]!, channelsOf(over)[i]!];
        expect(Math.abs(value - (from + ((to - from) * weight) / 256))).toBeLessThanOrEqual(1);
      }
    }),
  );
});

test('a dot has its colour in the middle, its area in all, and its centre where the view puts it', () => {
  fc.assert(
    fc.property(
      fc.double({ min: -5, max: 5, noNaN: true }),
      fc.double({ min: -5, max: 5, noNaN: true }),
      (x, y) => {
        const raster = blank(60, 40);
        const view = { x: 1, y: -2, scale: 2 };
        drawDots(raster, dotAt(x, y, 0xff000000), gridOf(raster, view, 1), 8);
        let [ink, left, top] = [0, 0, 0];
        for (const [at, word] of raster.words.entries()) {
          const share = 1 - (word & 255) / 255;
          ink += share;
          left += share * ((at % 60) + 0.5);
          top += share * (Math.floor(at / 60) + 0.5);
        }
        expect(Math.abs(ink - Math.PI * 16)).toBeLessThan(2);
        expect(Math.abs(left / ink - (30 + 2 * (x - 1)))).toBeLessThan(0.2);
        expect(Math.abs(top / ink - (20 - 2 * (y + 2)))).toBeLessThan(0.2);
      },
    ),
  );
});

test('dots beyond the edge paint nothing on the other side, and later ones lie on top', () => {
  const raster = blank(20, 10);
  const view = { x: 0, y: 0, scale: 1 };
  drawDots(raster, dotAt(-10, 0, 0xff000000), gridOf(raster, view, 1), 6);
  for (let row = 0; row < 10; row++) expect(raster.words[row * 20 + 19]).toBe(WHITE);
  const two = {
    x: Float32Array.of(0, 0),
    y: Float32Array.of(0, 0),
    colours: Uint32Array.of(0xff00ff00, 0xff0000ff),
    order: Uint32Array.of(1, 0),
  };
  drawDots(raster, two, gridOf(raster, view, 1), 6);
  expect(raster.words[5 * 20 + 10]).toBe(0xff00ff00);
});

const layout = {
  tile: { width: 2, height: 2, channels: 1 as const, low: 0, high: 255 },
  columns: 2,
  perSheet: 2,
  width: 4,
  files: ['a', 'b'],
};

test.each([
  ['a thumbnail has the ink of its own tile', 1, [0, 255, 255]],
  ['a point without its sheet is a dot', 2, [255, 255, 255]],
])('%s', (_, slot, shades) => {
  // The second tile is bright on the left.
  const sheets = new Map([[0, Uint8Array.of(0, 0, 255, 0, 0, 0, 255, 0)]]);
  const raster = blank(16, 16);
  const grid = gridOf(raster, { x: 0, y: 0, scale: 1 }, 1);
  const thumbnails = { layout, slots: Uint32Array.of(slot), sheets };
  drawTiles(raster, dotAt(0, 0, 0xff000000), grid, thumbnails, { dot: 2, tile: 8, thumbnails: 1 });
  const shade = (column: number, row: number) => raster.words[row * 16 + column]! & 255;
  expect([shade(4, 8), shade(11, 8), shade(2, 8)]).toEqual(shades);
  const painted = [...raster.words].filter((word) => word !== WHITE).length;
  expect(painted).toBeGreaterThan(0);
  if (slot === 2) expect(painted).toBeLessThan(17);
});

/** One thumbnail of a single colour, in the middle of a raster of 24 pixels across and down. */
function drawOne(colour: readonly number[], ink: number, thumbnails: number) {
  const channels = colour.length as 1 | 3;
  const width = 12;
  const tile = { width, height: width, channels, low: 0, high: 255 };
  const one = { tile, columns: 1, perSheet: 1, width, files: ['a'] };
  const pixels = Uint8Array.from({ length: width * width * channels }, (_, i) => colour[i % channels]!);
  const raster = blank(24, 24);
  drawTiles(
    raster,
    dotAt(0, 0, ink),
    gridOf(raster, { x: 0, y: 0, scale: 1 }, 1),
    { layout: one, slots: Uint32Array.of(0), sheets: new Map([[0, pixels]]) },
    { dot: 4, tile: 12, thumbnails },
  );
  return (column: number, row: number) => channelsOf(raster.words[row * 24 + column]!);
}

/** To the steps of 256 in which two blends round. */
const near = (found: readonly number[], wanted: readonly number[]) => {
  for (const [i, value] of wanted.entries()) expect(Math.abs(found[i]! - value)).toBeLessThanOrEqual(3);
};

test('a coloured thumbnail has its own colours inside a frame in the colour of its point', () => {
  const at = drawOne([200, 100, 40], 0xff0000ff, 1);
  near(at(12, 12), [200, 100, 40]);
  near(at(8, 15), [200, 100, 40]);
  for (const edge of [6, 7, 16, 17]) {
    near(at(edge, 12), [255, 0, 0]);
    near(at(12, edge), [255, 0, 0]);
  }
  for (const beyond of [5, 18]) expect(at(beyond, 12)).toEqual([255, 255, 255]);
});

test('half-way between a dot and a thumbnail, each shows with half its weight', () => {
  // The dot's half and the thumbnail's make a whole in the middle; beyond the dot the ground shows, too.
  const coloured = drawOne([200, 100, 40], 0xff0000ff, 0.5);
  near(coloured(12, 12), [227.5, 50, 20]);
  near(coloured(8, 12), [(255 + 227.5) / 2, (255 + 50) / 2, (255 + 20) / 2]);
  near(coloured(6, 12), [255, 127.5, 127.5]);
  // Of grey ones, the light is how much ink there is, 1.15 times.
  const grey = drawOne([100], 0xff000000, 0.5);
  const share = (1.15 * 100) / 255 / 2;
  near(
    grey(8, 12),
    [0, 1, 2].map(() => 255 * (1 - share)),
  );
  near(
    grey(12, 12),
    [0, 1, 2].map(() => 255 * (1 - share - 0.5)),
  );
});

test('dots drawn in parts are the picture that all make at once', () => {
  const count = 500;
  const place = (seed: number) => Float32Array.from({ length: count }, (_, i) => ((i * seed) % 97) / 10 - 5);
  const dots = {
    x: place(31),
    y: place(17),
    colours: Uint32Array.from({ length: count }, (_, i) => (0x80000000 | (i * 2654435)) >>> 0),
    order: Uint32Array.from({ length: count }, (_, i) => (i * 7) % count),
  };
  const [whole, parts] = [blank(60, 60), blank(60, 60)];
  const grid = gridOf(whole, { x: 0, y: 0, scale: 6 }, 1);
  drawDots(whole, dots, grid, 5);
  for (let from = 0; from < count; from += 64) {
    drawDots(parts, { ...dots, order: dots.order.subarray(from, from + 64) }, grid, 5);
  }
  expect(parts.words).toEqual(whole.words);
  expect(new Set(whole.words).size).toBeGreaterThan(count / 2);
});
