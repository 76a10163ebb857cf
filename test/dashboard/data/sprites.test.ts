import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Picture, pixelOf, sumChannels, toLight, toRaw } from '../../../dashboard/data/picture.ts';
import { cutTile, type SheetLayout, Sprites } from '../../../dashboard/data/sprites.ts';

const sprites = fc.record({
  height: fc.integer({ min: 1, max: 4 }),
  width: fc.integer({ min: 1, max: 4 }),
  channels: fc.constantFrom(1, 3),
  columns: fc.integer({ min: 1, max: 4 }),
  rows: fc.integer({ min: 1, max: 3 }),
  sheets: fc.integer({ min: 1, max: 3 }),
  unused: fc.integer({ min: 0, max: 1 }),
});

test('a tile is the image that was put at its place in the sheets', () => {
  fc.assert(
    fc.property(sprites, ({ height, width, channels, columns, rows, sheets, unused }) => {
      const perSheet = Math.max(1, rows * columns - unused);
      const valueAt = (index: number, y: number, x: number, k: number) =>
        (31 * index + 17 * y + 5 * x + k) % 256;
      // Paints each sheet pixel by pixel, as an image: the opposite direction of reading a tile.
      const drawn = Array.from({ length: sheets }, (_, sheet) => {
        const bytes: number[] = [];
        for (let y = 0; y < rows * height; y++) {
          for (let x = 0; x < columns * width; x++) {
            const slot = Math.floor(y / height) * columns + Math.floor(x / width);
            for (let k = 0; k < channels; k++)
              bytes.push(valueAt(sheet * perSheet + slot, y % height, x % width, k));
          }
        }
        return Uint8Array.from(bytes);
      });
      const tile: Picture = { height, width, channels, low: 0, high: 1 };
      const layout: SheetLayout = { tile, columns, perSheet, width: columns * width, files: [] };
      for (let index = 0; index < sheets * perSheet; index++) {
        const wanted: number[] = [];
        for (let y = 0; y < height; y++) {
          for (let x = 0; x < width; x++) {
            for (let k = 0; k < channels; k++) wanted.push(valueAt(index, y, x, k));
          }
        }
        const sheet = drawn[Math.floor(index / perSheet)]!;
        expect([...cutTile(layout, sheet, index % perSheet)]).toEqual(wanted);
      }
    }),
  );
});

/** Four sheets with two tiles of one pixel each, and what is loaded of them. */
function fourSheets(mostBytes: number) {
  const loads: number[] = [];
  const files = ['a', 'b', 'c', 'd'];
  const tile: Picture = { height: 1, width: 1, channels: 1, low: 0, high: 255 };
  const layout: SheetLayout = { tile, columns: 2, perSheet: 2, width: 2, files };
  const broken = new Set<number>();
  const load = async (sheet: number) => {
    loads.push(sheet);
    if (broken.has(sheet)) throw new Error(`${files[sheet]} is damaged`);
    return Uint8Array.of(10 * sheet, 10 * sheet + 1);
  };
  const slots = Uint32Array.of(7, 0, 1, 2, 5);
  return { sprites: new Sprites(layout, slots, load, mostBytes), loads, broken };
}

test('a sheet is loaded once, when one of its tiles is looked at', async () => {
  const { sprites, loads } = fourSheets(1000);
  expect(sprites.peek(1)).toBeUndefined();
  expect(loads).toEqual([]);
  const tiles = await Promise.all([1, 2, 0].map((point) => sprites.load(point)));
  expect(tiles.map(([value]) => value)).toEqual([0, 1, 31]);
  expect(loads).toEqual([0, 3]);
  expect(sprites.peek(2)).toEqual(Uint8Array.of(1));
});

test('no more sheets are kept than there is memory for: the last used ones', async () => {
  const { sprites, loads } = fourSheets(4);
  await sprites.load(1);
  await sprites.load(3);
  sprites.peek(1);
  await sprites.load(4);
  expect(sprites.peek(1)).toEqual(Uint8Array.of(0));
  expect(sprites.peek(3)).toBeUndefined();
  expect(loads).toEqual([0, 1, 2]);
});

test('a sheet that could not be read is tried again', async () => {
  const { sprites, broken } = fourSheets(1000);
  broken.add(0);
  await expect(sprites.load(1)).rejects.toThrow('a is damaged');
  broken.clear();
  expect(await sprites.load(1)).toEqual(Uint8Array.of(0));
});

const picture: Picture = { height: 2, width: 3, channels: 3, low: -1, high: 3 };

test('raw values and brightness are inverse, and black and white are 0 and 255', () => {
  expect([...toLight([-1, 3], picture)]).toEqual([0, 255]);
  expect([...toRaw([0, 255], picture)]).toEqual([-1, 3]);
  fc.assert(
    fc.property(fc.array(fc.double({ min: -1, max: 3, noNaN: true })), (raw) => {
      for (const [i, value] of toRaw(toLight(raw, picture), picture).entries()) {
        expect(value).toBeCloseTo(raw[i]!, 5);
      }
    }),
  );
});

test('a pixel is the sum of its channels', () => {
  expect([...sumChannels([1, 2, 3, 10, 20, 30], picture)]).toEqual([6, 60]);
  expect([...sumChannels([1, 2, 3], { ...picture, channels: 1 })]).toEqual([1, 2, 3]);
});

test('every value belongs to the pixel that holds its channel', () => {
  let index = 0;
  for (let row = 0; row < picture.height; row++) {
    for (let column = 0; column < picture.width; column++) {
      for (let k = 0; k < picture.channels; k++) expect(pixelOf(index++, picture)).toEqual({ row, column });
    }
  }
});
