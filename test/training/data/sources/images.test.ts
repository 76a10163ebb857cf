import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { expect } from 'vitest';
import { warnOfServedSize } from '../../../../training/commands/served-size.ts';
import type { Configuration } from '../../../../training/config/schema.ts';
import { openSource } from '../../../../training/data/source.ts';
import { planRun } from '../../../../training/pipeline/plan.ts';
import { test } from '../temporary.ts';

const SIDE = 12;

/** Writes images into a subfolder: a slope that goes with the number of the image. */
async function writeImages(folder: string, name: string, count: number): Promise<void> {
  await mkdir(join(folder, name), { recursive: true });
  for (let i = 0; i < count; i++) {
    const pixels = Uint8Array.from({ length: SIDE * SIDE * 3 }, (_, p) => (p * (i + 1) + p * p) % 251);
    await sharp(pixels, { raw: { width: SIDE, height: SIDE, channels: 3 } })
      .png()
      .toFile(join(folder, name, `${i}.png`));
  }
}

test('the subfolder that --anomalous names is what the test images are measured against', async ({
  folder,
}) => {
  await writeImages(folder, 'good', 50);
  await writeImages(folder, 'Defective', 20);
  await using source = await openSource(folder, { anomalous: 'defective' });
  expect(source.classes).toEqual(['Defective', 'good']);
  const files = (await source.readIds!(source.ids)).find(({ name }) => name === 'file')!.values;
  expect(Array.from(source.anomalous!)).toEqual(files.map((file) => Number(file!.startsWith('Defective'))));
  expect(new Set(source.anomalous!)).toEqual(new Set([0, 1]));
  expect(source.summary).toBe('70 images of 12 × 12, in colour; classes: Defective (20), good (50)');
  await using plain = await openSource(folder, {});
  expect(plain.anomalous).toBeUndefined();
});

test('subfolders that differ in case are one class of anomalies, unless there is no other', async ({
  folder,
}) => {
  await writeImages(folder, 'Torn', 20);
  await writeImages(folder, 'torn', 20);
  const count = async () => {
    await using source = await openSource(folder, { anomalous: 'torn' });
    const files = (await source.readIds!(source.ids)).find(({ name }) => name === 'file')!.values;
    return Object.groupBy(files, (file, i) => `${file!.split('/')[0]} ${source.anomalous![i]}`);
  };
  expect(Object.keys(await count()).sort()).toEqual(['Torn 0', 'torn 1']);
  await writeImages(folder, 'good', 20);
  expect(Object.keys(await count()).sort()).toEqual(['Torn 1', 'good 0', 'torn 1']);
});

test('a class that is not there, and images without classes, are errors that say what there is', async ({
  folder,
}) => {
  await writeImages(folder, 'good', 30);
  await writeImages(folder, 'torn', 3);
  await expect(openSource(folder, { anomalous: 'broken' })).rejects.toThrow(
    '--anomalous broken is given, but no subfolder is broken: there are good, torn',
  );
  await expect(openSource(join(folder, 'good'), { anomalous: 'broken' })).rejects.toThrow(
    'the images have no classes: put all of them into subfolders',
  );
  await expect(openSource(folder, { label: 'class' })).rejects.toThrow('has no named columns');
});

/** What is planned for images of a size. */
const planFor = (side: number, configuration: Configuration = {}) => {
  const count = (n: number) => ({ count: n });
  return planRun(
    {
      shape: [side, side, 3],
      encoded: side * side * 3,
      scaling: { kind: 'range', low: 0, high: 255 },
      train: count(165),
      validation: count(30),
      calibration: count(45),
      test: count(60),
    },
    configuration,
  );
};

test('larger images get more convolutions, so that their model can be served', () => {
  const channelsFor = (side: number) => {
    const { blueprint } = planFor(side).model;
    return blueprint.kind === 'convolutional' && blueprint.channels;
  };
  expect([40, 64, 96, 128, 200].map(channelsFor)).toEqual([
    [16, 32],
    [16, 32],
    [16, 32, 32],
    [16, 32, 32],
    [16, 32, 32, 32],
  ]);
  for (const side of [64, 96, 128, 200, 256]) expect(warnOfServedSize(planFor(side)), `${side}`).toEqual([]);
});

test('a model that is too large to be served is said to be', () => {
  const [dense] = warnOfServedSize(planFor(96, { architecture: 'dense', widths: [512] }));
  // 27,648 × 512 weights, twice, in float32.
  expect(dense).toMatch(
    /^scorer\.onnx will have at least 108(\.\d)? MiB, and a file that is served may have 25 MiB: /,
  );
  expect(dense).toContain('--architecture convolutional');
  const [wide] = warnOfServedSize(planFor(96, { channels: [16, 32], strides: [2, 2] }));
  expect(wide).toContain('more --channels with --strides 2');
});
