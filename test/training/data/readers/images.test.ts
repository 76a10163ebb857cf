import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import sharp from 'sharp';
import { describe, expect } from 'vitest';
import { fitImage } from '../../../../bundle/fit-image.ts';
import { decodePng } from '../../../../bundle/png/decode.ts';
import { Random } from '../../../../kernels/random.ts';
import { findWarnings } from '../../../../training/commands/warnings.ts';
import { readImages } from '../../../../training/data/readers/images.ts';
import { openSource } from '../../../../training/data/source.ts';
import { written } from '../tables/tables.ts';
import { test } from '../temporary.ts';

/** A grey image whose pixels tell its number. */
const grey = (i: number, side = 4) =>
  sharp(
    Uint8Array.from({ length: side * side }, (_, p) => (7 * i + p) % 256),
    { raw: { width: side, height: side, channels: 1 } },
  );

const colour = (red: number, side = 4) =>
  sharp({ create: { width: side, height: side, channels: 3, background: { r: red, g: 20, b: 30 } } });

describe('a folder of images', () => {
  test('is read in the order of its names, grey as grey, whatever the format', async ({ folder }) => {
    await grey(0).png().toFile(join(folder, 'a.png'));
    await grey(1).webp({ lossless: true }).toFile(join(folder, 'b.WEBP'));
    await written(folder, 'notes.txt', 'not an image');
    const found = await readImages(folder, undefined);
    expect([found.count, found.shape, found.labels]).toEqual([2, [4, 4, 1], undefined]);
    expect(Array.from(found.values)).toEqual(
      [0, 1].flatMap((i) => Array.from({ length: 16 }, (_, p) => 7 * i + p)),
    );
  });

  test('is resized as the API resizes what it is sent', async ({ folder }) => {
    const random = new Random(1);
    const path = join(folder, 'a.png');
    for (const [width, height, channels] of [
      [60, 40, 3],
      [9, 7, 3],
      [50, 70, 1],
    ] as const) {
      const pixels = Uint8Array.from({ length: width * height * channels }, () => random.below(256));
      await sharp(pixels, { raw: { width, height, channels } }).png().toFile(path);
      const { values } = await readImages(folder, [16, 20, channels]);
      const sent = decodePng(new Uint8Array(await readFile(path)), { invert: false, channels });
      expect(Array.from(values)).toEqual(Array.from(await fitImage(sent, 20, 16), Math.round));
    }
  });

  test('is reduced to 64 pixels a side without a shape, with a warning', async ({ folder }) => {
    for (let i = 0; i < 30; i++) {
      const image = sharp({
        create: { width: 500, height: 250, channels: 3, background: { r: 8 * i, g: 1, b: 2 } },
      });
      await image.png().toFile(join(folder, `${i}.png`));
    }
    const reduced = await openSource(folder, {});
    expect([reduced.shape, reduced.reducedFrom]).toEqual([
      [32, 64, 3],
      [250, 500],
    ]);
    expect(findWarnings(reduced)[0]).toBe(
      'the images of 250 × 500 are reduced to 32 × 64, which loses small details; for another size, add --shape HEIGHT,WIDTH,3',
    );
    const chosen = await openSource(folder, { shape: [50, 100, 3] });
    expect([chosen.shape, chosen.reducedFrom]).toEqual([[50, 100, 3], undefined]);
  });

  test('is turned upright as its EXIF data say, PNG and JPEG alike', async ({ folder }) => {
    const random = new Random(2);
    const [width, height] = [24, 16];
    const pixels = Uint8Array.from({ length: width * height * 3 }, () => random.below(256));
    for (let orientation = 1; orientation <= 8; orientation++) {
      const stored = sharp(pixels, { raw: { width, height, channels: 3 } }).withMetadata({ orientation });
      for (const file of ['a.png', 'a.jpg']) {
        const path = await written(
          folder,
          file,
          await stored
            .clone()
            .toFormat(file === 'a.png' ? 'png' : 'jpeg')
            .toBuffer(),
        );
        const expected = await sharp(path).autoOrient().raw().toBuffer();
        const own = join(folder, `${orientation}${file}`);
        await mkdir(own);
        await written(own, file, await readFile(path));
        const found = await readImages(own, undefined);
        expect(found.shape).toEqual(orientation < 5 ? [height, width, 3] : [width, height, 3]);
        expect(Buffer.compare(found.values, expected), `${file}, ${orientation}`).toBe(0);
        if (file === 'a.png') {
          const sent = decodePng(new Uint8Array(await readFile(path)), { invert: false, channels: 3 });
          expect(Array.from(found.values)).toEqual(
            Array.from(await fitImage(sent, found.shape[1], found.shape[0])),
          );
        }
      }
    }
  });

  test('has the components that are stored, whatever the colour profile, and one definition of grey', async ({
    folder,
  }) => {
    const stored = colour(200).withIccProfile('p3');
    await stored.clone().png().toFile(join(folder, 'a.png'));
    await stored.clone().webp({ lossless: true }).toFile(join(folder, 'b.webp'));
    const found = await readImages(folder, undefined);
    expect(found.values.subarray(0, 3)).toEqual(found.values.subarray(48, 51));
    const [red, green, blue] = found.values;
    const grey = await readImages(folder, [4, 4, 1]);
    const expected = Math.round(0.2126 * red + 0.7152 * green + 0.0722 * blue);
    expect(Array.from(grey.values)).toEqual(Array(32).fill(expected));
  });

  test('has three channels if any image has colours, or as many as are asked for', async ({ folder }) => {
    await grey(3).png().toFile(join(folder, 'a.png'));
    await colour(200).png().toFile(join(folder, 'b.png'));
    const found = await readImages(folder, undefined);
    expect(found.shape).toEqual([4, 4, 3]);
    expect(Array.from(found.values.slice(0, 6))).toEqual([21, 21, 21, 22, 22, 22]);
    expect(Array.from(found.values.slice(48, 51))).toEqual([200, 20, 30]);
    expect((await readImages(folder, [4, 4, 1])).values.length).toBe(32);
  });

  test('in subfolders has their names as classes', async ({ folder }) => {
    for (const [i, name] of ['cat', 'dog', 'cat'].entries()) {
      await mkdir(join(folder, name), { recursive: true });
      await grey(i)
        .png()
        .toFile(join(folder, name, `${i}.png`));
    }
    const { classes, labels } = await readImages(folder, undefined);
    expect([classes, Array.from(labels!)]).toEqual([
      ['cat', 'dog'],
      [0, 0, 1],
    ]);
  });

  test('of several sizes is refused, or resized when a shape is given', async ({ folder }) => {
    await grey(0).png().toFile(join(folder, 'a.png'));
    await grey(1, 6).png().toFile(join(folder, 'b.png'));
    await expect(readImages(folder, undefined)).rejects.toThrow(
      'a.png is 4 × 4, b.png is 6 × 6: all images must have one size, or give --shape HEIGHT,WIDTH,CHANNELS to resize them',
    );
    expect((await readImages(folder, [3, 5, 1])).shape).toEqual([3, 5, 1]);
  });

  test('with broken files names them, and how many', async ({ folder }) => {
    const whole = await sharp({
      create: {
        width: 64,
        height: 64,
        channels: 3,
        noise: { type: 'gaussian', mean: 100, sigma: 30 },
        background: 'black',
      },
    })
      .png()
      .toBuffer();
    for (let i = 0; i < 4; i++) await written(folder, `${i}.png`, whole);
    await written(folder, 'cut.png', whole.subarray(0, whole.length / 2));
    await written(folder, 'empty.jpg', '');
    await written(folder, 'text.png', 'this is a text');
    const error = await readImages(folder, undefined).catch((thrown: Error) => thrown);
    expect((error as Error).message).toContain(
      `${folder}: 3 of 7 images cannot be read: cut.png (the PNG is truncated in its IDAT chunk), empty.jpg (empty), text.png (`,
    );
  });

  test('without images is refused', async ({ folder }) => {
    await expect(readImages(folder, undefined)).rejects.toThrow('there are no images in this folder');
    await expect(openSource(join(folder, 'none'), {})).rejects.toThrow(
      'none cannot be read: there is no such file or folder; expected mnist',
    );
  });

  test('is a source of bytes from 0 to 255 with classes', async ({ folder }) => {
    for (let i = 0; i < 20; i++) {
      const name = join(folder, i % 2 ? 'odd' : 'even');
      await mkdir(name, { recursive: true });
      await grey(i)
        .png()
        .toFile(join(name, `${String(i).padStart(2, '0')}.png`));
    }
    const source = await openSource(folder, {});
    expect([source.shape, source.range, source.classes]).toEqual([
      [4, 4, 1],
      [0, 255],
      ['even', 'odd'],
    ]);
    for (let i = 0; i < source.test.count; i++) {
      expect(source.labels?.[i]).toBe((source.test.data[16 * i] / 7) % 2);
    }
    await source.close();
  });
});

describe('an IDX file', () => {
  const idx = (shape: number[], value: (i: number) => number) => {
    const header = Buffer.alloc(4 + 4 * shape.length);
    header.set([0, 0, 8, shape.length]);
    for (const [i, size] of shape.entries()) header.writeUInt32BE(size, 4 + 4 * i);
    return Buffer.concat([
      header,
      Uint8Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => value(i)),
    ]);
  };

  test('is images of bytes, zipped or not, with the labels that are beside it', async ({ folder }) => {
    const images = idx([30, 3, 2], (i) => Math.floor(i / 6));
    const plain = await openSource(await written(folder, 'x-images-idx3-ubyte', images), {});
    expect([plain.shape, plain.range, plain.classes]).toEqual([[3, 2, 1], [0, 255], []]);
    await plain.close();
    await written(folder, 'y-labels-idx1-ubyte.gz', gzipSync(idx([30], (i) => i % 4)));
    const source = await openSource(await written(folder, 'y-images-idx3-ubyte.gz', gzipSync(images)), {});
    expect(source.classes).toEqual(['0', '1', '2', '3']);
    for (let i = 0; i < source.test.count; i++) expect(source.labels?.[i]).toBe(source.test.data[6 * i] % 4);
    await source.close();
    await written(
      folder,
      'x-labels-idx1-ubyte',
      idx([29], () => 0),
    );
    await expect(openSource(join(folder, 'x-images-idx3-ubyte'), {})).rejects.toThrow(
      'x-labels-idx1-ubyte: 29 labels',
    );
  });
});
