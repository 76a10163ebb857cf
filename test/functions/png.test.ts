import { Duplex } from 'node:stream';
import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { decode, encode } from 'fast-png';
import { describe, expect, inject, test, vi } from 'vitest';
import { fitImage } from '../../bundle/fit-image.ts';
import { decodePng, type Image, PngError } from '../../bundle/png/decode.ts';
import { chunk, joined, lineLengths, type PngShape, pngOf, SIGNATURE } from '../support/png-support.ts';

const brightness = (r: number, g: number, b: number, a: number, invert = false) => {
  const luminance = 0.2126 * r + 0.7152 * g + 0.0722 * b;
  return ((invert ? 255 - luminance : luminance) * a) / 255;
};

/** All pixels of a PNG, row-major. */
async function decoded(png: Uint8Array, invert = false, channels: 1 | 3 = 1) {
  const { width, height, lines } = decodePng(png, { invert, channels });
  const values = new Float32Array(width * height * channels).fill(Number.NaN);
  for await (const line of lines) {
    for (const [p, value] of line.values.entries()) {
      const column = line.x + Math.floor(p / channels) * line.dx;
      values[(line.y * width + column) * channels + (p % channels)] = value;
    }
  }
  return { width, height, values };
}

const imageOf = (width: number, height: number, values: Float32Array): Image => ({
  width,
  height,
  channels: 1,
  lines: Array.from({ length: height }, (_, y) => ({
    y,
    x: 0,
    dx: 1,
    values: values.subarray(y * width, (y + 1) * width),
  })),
});

describe('files of libpng decode to the brightness of the pixels that libpng reads', () => {
  for (const { name, base64, width, height, rgba } of inject('pngFiles')) {
    test.each([false, true])(`${name}, inverted: %s`, async (invert) => {
      const image = await decoded(
        Uint8Array.from(atob(base64), (c) => c.charCodeAt(0)),
        invert,
      );
      expect([image.width, image.height]).toEqual([width, height]);
      // libvips cuts luminance and alpha of 16 bits to 8: each may lose up to one level.
      const tolerance = name.includes('16 bits') ? 2.01 : 1e-3;
      const worst = image.values.reduce((worst, value, i) => {
        const [r, g, b, a] = rgba.slice(4 * i, 4 * i + 4) as [number, number, number, number];
        return Math.max(worst, Math.abs(value - brightness(r, g, b, a, invert)));
      }, 0);
      expect(worst).toBeLessThan(tolerance);
    });

    test.each([false, true])(`${name}, in colour, inverted: %s`, async (invert) => {
      const image = await decoded(
        Uint8Array.from(atob(base64), (c) => c.charCodeAt(0)),
        invert,
        3,
      );
      const tolerance = name.includes('16 bits') ? 2.01 : 1e-3;
      const worst = image.values.reduce((worst, value, p) => {
        const [pixel, k] = [Math.floor(p / 3), p % 3];
        const component = rgba[4 * pixel + k]!;
        const truth = ((invert ? 255 - component : component) * rgba[4 * pixel + 3]!) / 255;
        return Math.max(worst, Math.abs(value - truth));
      }, 0);
      expect(worst).toBeLessThan(tolerance);
    });
  }
});

const DEPTHS: Record<number, number[]> = {
  0: [1, 2, 4, 8, 16],
  2: [8, 16],
  3: [1, 2, 4, 8],
  4: [8, 16],
  6: [8, 16],
};

/** Any valid PNG, of up to 40 × 40 pixels, with any filters. */
const anyPng = fc
  .constantFrom(
    ...Object.entries(DEPTHS).flatMap(([c, depths]) => depths.map((d) => [Number(c), d] as const)),
  )
  .chain(([colour, depth]) =>
    fc.record({
      width: fc.integer({ min: 1, max: 40 }),
      height: fc.integer({ min: 1, max: 40 }),
      depth: fc.constant(depth),
      colour: fc.constant(colour),
      interlaced: fc.boolean(),
      palette:
        colour === 3
          ? fc.uint8Array({ minLength: 3 * 2 ** depth, maxLength: 3 * 2 ** depth })
          : fc.constant(undefined),
      transparency:
        colour === 3 ? fc.uint8Array({ minLength: 0, maxLength: 2 ** depth }) : fc.constant(undefined),
    }),
  )
  .chain((shape: PngShape) => {
    const lengths = lineLengths(shape);
    const size = lengths.reduce((sum, length) => sum + length, 0);
    return fc.uint8Array({ minLength: size, maxLength: size }).map((lines) => {
      let start = 0;
      for (const length of lengths) {
        lines[start] %= 5;
        start += length;
      }
      return { shape, png: pngOf(shape, lines) };
    });
  });

test('any valid PNG gives as many values in 0..255 as the model takes', async () => {
  await fc.assert(
    fc.asyncProperty(anyPng, fc.boolean(), async ({ png }, invert) => {
      const values = await fitImage(decodePng(png, { invert }), 28, 28);
      expect(values.length).toBe(784);
      expect(values.every((value) => value >= 0 && value <= 255)).toBe(true);
    }),
    { numRuns: 300 },
  );
});

test('any PNG that is not interlaced decodes as fast-png decodes it', async () => {
  await fc.assert(
    fc.asyncProperty(
      anyPng.filter(({ shape }) => !shape.interlaced && shape.depth >= 8 && shape.colour !== 3),
      async ({ png }) => {
        const { data, channels, depth } = decode(png);
        const { values } = await decoded(png);
        const full = 2 ** depth - 1;
        const at = (i: number) => (data[i]! / full) * 255;
        for (const [i, value] of values.entries()) {
          const p = i * channels;
          const [r, g, b] = channels < 3 ? [at(p), at(p), at(p)] : [at(p), at(p + 1), at(p + 2)];
          const alpha = channels % 2 === 0 ? at(p + channels - 1) : 255;
          expect(value).toBeCloseTo(brightness(r!, g!, b!, alpha), 3);
        }
      },
    ),
    { numRuns: 60 },
  );
});

test('a constant image stays constant where it lies, with black only on the sides it does not fill', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 90 }),
      fc.integer({ min: 1, max: 90 }),
      fc.integer({ min: 1, max: 255 }),
      async (width, height, grey) => {
        const png = encode({ width, height, channels: 1, data: new Uint8Array(width * height).fill(grey) });
        const fitted = await fitImage(decodePng(png, { invert: false }), 28, 28);
        const scale = Math.min(28 / width, 28 / height);
        const inside = Math.max(1, Math.round(width * scale)) * Math.max(1, Math.round(height * scale));
        const lit = fitted.filter((value) => value !== 0);
        expect(lit.length).toBe(inside);
        for (const value of lit) expect(value).toBeCloseTo(grey, 3);
      },
    ),
  );
});

test('an image of the size that the model takes is not changed', async () => {
  const values = Float32Array.from({ length: 784 }, (_, i) => i % 256);
  expect(await fitImage(imageOf(28, 28, values), 28, 28)).toEqual(values);
});

test('scaling down averages areas', async () => {
  const values = Float32Array.from({ length: 56 * 56 }, (_, i) => (i * 7) % 256);
  const fitted = await fitImage(imageOf(56, 56, values), 28, 28);
  const at = (x: number, y: number) => values[y * 56 + x]!;
  expect(fitted[3 * 28 + 5]).toBeCloseTo((at(10, 6) + at(11, 6) + at(10, 7) + at(11, 7)) / 4, 4);
  const mean = (v: Float32Array) => v.reduce((sum, value) => sum + value, 0) / v.length;
  expect(mean(fitted)).toBeCloseTo(mean(values), 3);
});

test('scaling up is bilinear', async () => {
  const fitted = await fitImage(imageOf(2, 1, Float32Array.of(0, 100)), 8, 4);
  expect(Array.from(fitted.subarray(0, 8))).toEqual([0, 0, 12.5, 37.5, 62.5, 87.5, 100, 100]);
});

test('a wide image lies in the middle between black bars', async () => {
  const values = new Float32Array(40 * 20).fill(200);
  const fitted = await fitImage(imageOf(40, 20, values), 28, 28);
  const rows = Array.from({ length: 28 }, (_, y) => fitted[y * 28 + 14]! > 0);
  expect(rows).toEqual(Array.from({ length: 28 }, (_, y) => y >= 7 && y < 21));
});

describe('an invalid or truncated PNG is refused with a sentence', () => {
  const shape = { width: 9, height: 9, depth: 8, colour: 0 };
  const good = pngOf(shape, new Uint8Array(90));
  const emptyChunks = (count: number) => joined(new Array(count).fill(chunk('tEXt', new Uint8Array(0))));
  const refused = (bytes: Uint8Array, why?: string) => expect(decoded(bytes), why).rejects;
  const withIdat = (shape: PngShape, data: Uint8Array) => {
    const png = pngOf(shape, new Uint8Array(0));
    return joined([png.subarray(0, 33), chunk('IDAT', data), chunk('IEND', new Uint8Array(0))]);
  };

  test('wherever it is truncated', async () => {
    for (let length = 0; length < good.length; length++) {
      await refused(good.subarray(0, length), `${length} bytes`).toThrow(PngError);
    }
  });

  test('whichever byte is flipped', async () => {
    const whole = await decoded(good);
    for (let i = 0; i < good.length - 4; i++) {
      const bad = good.slice();
      bad[i]! ^= 0x55;
      await refused(bad, `byte ${i} of ${good.length}`).toThrow(PngError);
    }
    expect(whole.values.length).toBe(81);
  });

  test('arbitrary bytes after the signature', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
        await refused(joined([SIGNATURE, bytes])).toThrow(PngError);
      }),
    );
  });

  test.each<[string, Uint8Array, RegExp]>([
    ['another format', new TextEncoder().encode('GIF89a…'), /signature/],
    [
      'too many pixels',
      pngOf({ ...shape, width: 6000, height: 6000 }, new Uint8Array(9)),
      /6000 × 6000.*33554432/,
    ],
    [
      'too long a side',
      pngOf({ ...shape, height: 2 ** 15 + 1 }, new Uint8Array(9)),
      /9 × 32769.*32768 per side/,
    ],
    ['no pixels', pngOf({ ...shape, width: 0 }, new Uint8Array(9)), /0 × 9/],
    ['an unknown colour type', pngOf({ ...shape, colour: 5 }, new Uint8Array(90)), /colour type 5/],
    ['an unknown depth', pngOf({ ...shape, depth: 3 }, new Uint8Array(90)), /3 bits/],
    ['an unknown filter', pngOf(shape, new Uint8Array(90).fill(7)), /filter/],
    ['too few pixels', pngOf(shape, new Uint8Array(80)), /80 bytes.*90/],
    [
      'pixels that inflate to a thousand times more',
      pngOf(shape, new Uint8Array(2 ** 24)),
      /more than the 90/,
    ],
    ['chunks without end', joined([good.subarray(0, -12), emptyChunks(70_000)]), /more than 65536 chunks/],
    ['pixels that are not compressed', withIdat(shape, new Uint8Array(90).fill(1)), /decompressed/],
    [
      'pixels cut short',
      withIdat(shape, deflateSync(new Uint8Array(90)).subarray(0, 8)),
      /decompressed|80|90/,
    ],
    ['a palette without PLTE', pngOf({ ...shape, colour: 3 }, new Uint8Array(90)), /PLTE/],
    [
      'a pixel outside its palette',
      pngOf(
        { ...shape, colour: 3, palette: Uint8Array.of(1, 2, 3) },
        joined(new Array(9).fill(Uint8Array.of(0, 0, 0, 0, 0, 9, 0, 0, 0, 0))),
      ),
      /entry 9 of a palette of 1/,
    ],
    [
      'tRNS of the wrong size',
      pngOf({ ...shape, transparency: Uint8Array.of(1) }, new Uint8Array(90)),
      /tRNS/,
    ],
  ])('%s', async (_name, bytes, sentence) => {
    await refused(bytes).toThrow(PngError);
    await refused(bytes).toThrow(sentence);
  });
});

test('a photograph with 24 megapixels is decoded: its right half white, its last line black', async () => {
  const [width, height] = [6000, 4000];
  const line = Uint8Array.from({ length: 1 + width / 8 }, (_, i) => (i > width / 16 ? 0xff : 0));
  const lines = new Uint8Array(line.length * height);
  for (let y = 0; y < height - 1; y++) lines.set(line, y * line.length);
  const png = pngOf({ width, height, depth: 1, colour: 0 }, lines);
  const fitted = await fitImage(decodePng(png, { invert: false }), 28, 28);
  const inner = 19;
  const at = (x: number, y: number) => fitted[y * 28 + x]!;
  expect([at(13, 10), at(14, 10), at(27, 4), at(27, 3)]).toEqual([0, 255, 255, 0]);
  expect(at(27, 4 + inner - 1)).toBeCloseTo(255 * (1 - inner / height), 3);
});

describe('the pixels of a PNG lie in one stream', () => {
  const shape = { width: 9, height: 9, depth: 8, colour: 0 };
  const lines = Uint8Array.from({ length: 90 }, (_, i) => (i % 10 === 0 ? 4 : 7 * i));
  const whole = pngOf(shape, lines);
  const stream = deflateSync(lines);
  const inPieces = (pieces: Uint8Array[]) =>
    joined([
      whole.subarray(0, 33),
      ...pieces.map((piece) => chunk('IDAT', piece)),
      chunk('IEND', new Uint8Array(0)),
    ]);

  test('across any number of chunks, some of them empty', async () => {
    const pieces = Array.from(stream, (byte) => Uint8Array.of(byte));
    pieces.splice(5, 0, ...new Array<Uint8Array<ArrayBuffer>>(60_000).fill(new Uint8Array(0)));
    const write = vi.spyOn(Duplex.prototype, 'write');
    const image = await decoded(inPieces([new Uint8Array(0), ...pieces]));
    // A write for each chunk takes minutes.
    expect(write).toHaveBeenCalledOnce();
    write.mockRestore();
    expect(image).toEqual(await decoded(whole));
  });

  test('and bytes after it are ignored', async () => {
    const rest = Uint8Array.of(1, 2, 3);
    expect(await decoded(inPieces([joined([stream, rest])]))).toEqual(await decoded(whole));
    expect(await decoded(inPieces([stream, rest, rest]))).toEqual(await decoded(whole));
  });
});

test('one grey, and one colour, may be transparent', async () => {
  const line = Uint8Array.of(0, 50, 60, 70);
  const grey = pngOf({ width: 3, height: 1, depth: 8, colour: 0, transparency: Uint8Array.of(0, 60) }, line);
  expect(Array.from((await decoded(grey)).values)).toEqual([50, 0, 70]);
  expect(Array.from((await decoded(grey, true)).values)).toEqual([205, 0, 185]);
  expect(Array.from((await decoded(grey, false, 3)).values)).toEqual([50, 50, 50, 0, 0, 0, 70, 70, 70]);
});
