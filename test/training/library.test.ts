import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { verifyFolder } from '../../bundle/node/folder.ts';
import { autoencoder, ConfigurationError, train } from '../../training/index.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'offmanifold-'));
});
afterAll(() => rm(folder, { recursive: true }));

test('the example in the README goes from an array to a bundle', async () => {
  const readme = await readFile('README.md', 'utf8');
  const [, example] = /```ts\n(import [^`]*offmanifold\/training[^`]*)```/.exec(readme) ?? [];
  expect(example?.trim().split('\n').length).toBeLessThanOrEqual(12);
  const out = join(folder, 'sensors');
  const program = example.replace("'models/sensors'", JSON.stringify(out));
  expect(program).not.toBe(example);
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--input-type=module-typescript',
    '--eval',
    program,
  ]);
  const { manifest } = await verifyFolder(out);
  expect(stdout).toContain(manifest.model_id);
  expect(manifest.data).toMatchObject({ shape: [5], range: null, classes: [] });
  expect(manifest.sprites).toBeNull();
  const { dense_test_mse, pca_test_mse, noise_auroc } = manifest.headline;
  expect(dense_test_mse).toBeLessThan(pca_test_mse / 3);
  expect(noise_auroc).toBeGreaterThan(0.9);
});

describe('bad input is refused with a message', () => {
  const rows = Array.from({ length: 200 }, (_, i) => [i, i * i, Math.sin(i)]);
  const options = () => ({ out: join(folder, 'none') });

  test('an unknown option', () => {
    expect(() => autoencoder({ epoch: 1 } as object)).toThrow(
      new ConfigurationError('autoencoder: there is no option epoch; did you mean epochs?'),
    );
  });

  const refused: [string, number[][], string][] = [
    ['no rows', [], 'there are no rows of numbers'],
    ['one row', [[1, 2, 3]], 'there is 1 row: at least 23 are needed with the default options'],
    ['a value that is no number', rows.with(7, [1, Number.NaN, 3]), 'row 7, column 1 is NaN'],
    ['rows of different lengths', rows.with(5, [1, 2]), 'row 5 has 2 values, the first has 3'],
    ['too few rows for the batch', rows.slice(0, 40), 'batch'],
  ];
  for (const [name, data, message] of refused) {
    test(name, async () => {
      await expect(train(autoencoder({ batch: 64 }), data, options())).rejects.toThrow(message);
    });
  }
});
