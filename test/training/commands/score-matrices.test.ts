import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect } from 'vitest';
import { openFolder } from '../../../bundle/node/folder.ts';
import { exactPValue } from '../../../bundle/p-value.ts';
import { Random } from '../../../kernels/random.ts';
import { score } from '../../../training/commands/score.ts';
import { loadMnist } from '../../../training/data/readers/mnist.ts';
import { openSource } from '../../../training/data/source.ts';
import { runPipeline } from '../../../training/pipeline/run.ts';
import { Scorer } from '../../../training/scorer/scorer.ts';
import { TEST_BUNDLE } from '../../support/paths.ts';
import { written } from '../data/tables/tables.ts';
import { test, writeNpy } from '../data/temporary.ts';
import { cells, FLAGS, scored } from './scored.ts';

describe('models of numbers and images', () => {
  test('a .npy file of rows', async ({ folder }) => {
    const random = new Random(5);
    const values = new Float32Array(600 * 4);
    for (let p = 0; p < values.length; p++)
      values[p] = p % 4 === 0 ? random.normal() : (p % 4) * values[p - 1];
    const path = await writeNpy(folder, values, [4]);
    const model = join(folder, 'matrix');
    const configuration = { code: 2, epochs: 5, map_points: 60, iterations: 250 };
    const { scorer } = await runPipeline(() => openSource(path, configuration), configuration, {
      out: model,
    });
    const { text } = await scored(path, model, join(folder, 'scores.csv'));
    const whole = await Scorer.load(await (await openFolder(model)).file('scorer.onnx'));
    const found = await whole.run(values, 600, ['score', 'p_value']);
    await whole.release();
    const rows = cells(text).slice(1);
    expect(rows).toHaveLength(600);
    for (const [i, row] of rows.entries()) {
      expect(Number(row[0])).toBeCloseTo(found.score[i], 3);
      expect(Number(row[1])).toBeCloseTo(exactPValue(found.p_value[i], scorer.calibration_count), 2);
    }
    await expect(score(path, TEST_BUNDLE, { ...FLAGS, out: join(folder, 'x.csv') })).rejects.toThrow(
      'data.npy: a sample has 4 values, the model expects 784: images of 28 × 28 × 1',
    );
    const table = await written(folder, 'table.csv', 'a,b\n1,2\n');
    await expect(score(table, model, { ...FLAGS, out: join(folder, 'x.csv') })).rejects.toThrow(
      'is a table of named columns: the model expects rows of 4 numbers',
    );
    values[4 * 123] = 3e38;
    const far = await writeNpy(folder, values, [4]);
    await expect(score(far, model, { ...FLAGS, out: join(folder, 'far.csv') })).rejects.toThrow(
      'data.npy: row 124 (counted from 1) is so far from the training data that its score overflows',
    );
    expect(await readdir(folder)).not.toContain('far.csv');
  });

  test('an IDX file with its labels, a folder of images, and mnist are the same digits', async ({
    folder,
  }) => {
    const { data, labels } = await loadMnist('test');
    const head = (...dims: number[]) => {
      const bytes = Buffer.alloc(4 + 4 * dims.length);
      bytes.set([0, 0, 8, dims.length]);
      for (const [i, dim] of dims.entries()) bytes.writeUInt32BE(dim, 4 + 4 * i);
      return bytes;
    };
    const idx = await written(
      folder,
      't-images-idx3-ubyte',
      Buffer.concat([head(20, 28, 28), data.subarray(0, 20 * 784)]),
    );
    await written(folder, 't-labels-idx1-ubyte', Buffer.concat([head(20), labels.subarray(0, 20)]));
    await mkdir(join(folder, 'images'));
    for (let i = 0; i < 20; i++) {
      const raw = { width: 28, height: 28, channels: 1 } as const;
      await sharp(data.subarray(i * 784, (i + 1) * 784), { raw })
        .png()
        .toFile(join(folder, 'images', `${String(i).padStart(2, '0')}.png`));
    }
    const whole = cells((await scored('mnist', TEST_BUNDLE, join(folder, 'mnist.csv'))).text);
    expect(whole).toHaveLength(10_001);
    const fromIdx = await scored(idx, TEST_BUNDLE, join(folder, 'idx.csv'), { columns: ['class'] });
    const fromFolder = await scored(join(folder, 'images'), TEST_BUNDLE, join(folder, 'folder.csv'));
    expect(cells(fromFolder.text)[0]).toEqual(['file', 'score', 'p_value', 'anomalous']);
    for (let i = 0; i < 20; i++) {
      const [name, ...image] = cells(fromFolder.text)[i + 1];
      const [label, ...digit] = cells(fromIdx.text)[i + 1];
      expect(name).toBe(`${String(i).padStart(2, '0')}.png`);
      expect(label).toBe(String(labels[i]));
      expect(digit).toEqual(image);
      expect(Number(digit[0])).toBeCloseTo(Number(whole[i + 1][0]), 3);
    }
  });
});
