import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { modelId } from '../../../bundle/integrity.ts';
import type { Manifest } from '../../../bundle/manifest.ts';
import { rebuildMap } from '../../../training/commands/map.ts';
import { updateStudies } from '../../../training/commands/studies.ts';
import { isMnist } from '../../../training/data/readers/mnist.ts';
import { TEST_BUNDLE } from '../../support/paths.ts';
import { test } from '../data/temporary.ts';

const manifestOf = async (folder: string): Promise<Manifest> =>
  JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8'));

test('MNIST is told from a file of that name by its shape, its digits and its test images', async () => {
  const { data } = await manifestOf(TEST_BUNDLE);
  expect(isMnist(data)).toBe(true);
  expect(isMnist({ ...data, name: 'sensors' })).toBe(false);
  expect(isMnist({ ...data, shape: [784] })).toBe(false);
  expect(isMnist({ ...data, classes: [] })).toBe(false);
  expect(isMnist({ ...data, splits: { ...data.splits, test: 40 } })).toBe(false);
});

test('a model of a file MNIST.npy has no map made anew and no studies', async ({ folder }) => {
  const bundle = join(folder, 'other');
  await cp(TEST_BUNDLE, bundle, { recursive: true });
  const { model_id: _id, ...rest } = await manifestOf(bundle);
  const data = { ...rest.data, classes: [], splits: { ...rest.data.splits, test: 40 } };
  const manifest = { ...rest, data };
  const model_id = await modelId(manifest);
  await writeFile(join(bundle, 'manifest.json'), JSON.stringify({ ...manifest, model_id }));
  await expect(rebuildMap(bundle, { perplexity: 5, iterations: 250 })).rejects.toThrow(
    'the bundle does not contain the samples of its map, and only those of MNIST are available',
  );
  await expect(updateStudies(bundle, { seed: 1, quick: true })).rejects.toThrow(
    'is a model of MNIST: the studies need a model of the MNIST that comes with the program',
  );
});
