import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseRecord } from '../../../bundle/column-parsing.ts';
import { tableColumns } from '../../../bundle/kind.ts';
import type { Manifest } from '../../../bundle/manifest.ts';
import { openFolder } from '../../../bundle/node/folder.ts';
import { parseReport } from '../../../bundle/report.ts';
import { RowsFile } from '../../../bundle/rows.ts';
import { Random } from '../../../kernels/random.ts';
import { describePublic } from '../../../training/commands/public.ts';
import { autoencoder, type Configuration, train } from '../../../training/index.ts';
import { Scorer } from '../../../training/scorer/scorer.ts';
import { readMapRows } from '../../support/map-rows.ts';

const QUICK: Configuration = { code: 2, epochs: 2, map_points: 100, iterations: 250, seed: 2 };
const COUNT = 600;

let folder: string;
let lines: string[];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'offmanifold-'));
  const random = new Random(3);
  lines = Array.from({ length: COUNT }, (_, i) => {
    const x = random.normal();
    const day = new Date(Date.UTC(2024, 0, 1 + Math.floor(600 * random.uniform())))
      .toISOString()
      .slice(0, 10);
    const y = i % 9 === 0 ? '' : (2 * x + 1).toFixed(2);
    return [
      `n${i}`,
      x.toFixed(3),
      y,
      x > 0 ? 'yes' : 'no',
      ['red', 'blue'][i % 2],
      day,
      `some text of row ${i}`,
    ].join();
  });
  await writeFile(join(folder, 'table.csv'), `no,x,y,flag,_colour,day,remark\n${lines.join('\n')}\n`);
});
afterAll(() => rm(folder, { recursive: true }));

async function open(out: string, manifest: Manifest) {
  const bundle = await openFolder(out);
  const bytes = await bundle.file('rows.parquet');
  return { bundle, rows: await RowsFile.open(bytes.slice().buffer, manifest) };
}

describe('the rows of a table', () => {
  let out: string;
  let manifest: Manifest;
  beforeAll(async () => {
    out = join(folder, 'table');
    const configuration = autoencoder({ ...QUICK, exclude: ['no', 'remark'] });
    manifest = await train(configuration, join(folder, 'table.csv'), { out });
  });

  test('are those of the file, with the id but no column of sentences', async () => {
    const { bundle, rows } = await open(out, manifest);
    expect(manifest.rows).toMatchObject({ ids: ['no'], values: true, prefix: '__' });
    const points = await readMapRows(await bundle.file('map.parquet'));
    const found = await rows.rows(points.map((_, i) => i));
    for (const [i, { ids, values }] of found.entries()) {
      const [no, x, y, flag, colour, day] = lines[points[i]!.id]!.split(',');
      expect(ids).toEqual([no]);
      expect(values).toEqual([Number(x), y === '' ? null : Number(y), flag === 'yes', colour, day]);
    }
    expect(await rows.column('x')).toEqual(found.map(({ values }) => values![0]));
    expect(await rows.column('no')).toEqual(found.map(({ ids }) => ids[0]));
    await expect(rows.column('remark')).rejects.toThrow('rows.parquet has no column remark');
    await expect(rows.rows([100])).rejects.toThrow('there is no row 100: the map has 100 points');
  });

  test('have the surprises and the reasons of the scorer, whose score is that of the map', async () => {
    const { bundle, rows } = await open(out, manifest);
    const points = await readMapRows(await bundle.file('map.parquet'));
    const found = await rows.rows([0, 7, 99]);
    const columns = tableColumns(manifest.data);
    await using scorer = await Scorer.load(await bundle.file('scorer.onnx'));
    for (const [k, i] of [0, 7, 99].entries()) {
      const { values, surprises, reasons } = found[k]!;
      const raw = new Float32Array(columns.length);
      expect(parseRecord(columns, values!, raw)).toEqual([]);
      const output = await scorer.run(raw, 1);
      expect(output.score[0]! / points[i]!.score).toBeCloseTo(1, 3);
      for (const [j, surprise] of surprises.entries()) expect(surprise).toBeCloseTo(output.detectors[j]!, 3);
      const largest = Math.max(...output.feature_share);
      expect(reasons).toHaveLength(5);
      expect(reasons[0]!.share).toBeCloseTo(largest, 4);
      expect(output.feature_share[reasons[0]!.index]).toBeCloseTo(largest, 4);
      expect(reasons[0]!.expected).toBeCloseTo(output.reconstruction[reasons[0]!.index]!, 3);
    }
    const all = await rows.reasons();
    expect([all[0], all[7], all[99]]).toEqual(found.map(({ reasons }) => reasons));
  });

  test('are read group by group', async () => {
    const bytes = (await open(out, manifest)).bundle.file('rows.parquet');
    const whole = (await bytes).slice().buffer;
    let read = 0;
    let requests = 0;
    const rows = await RowsFile.open(
      {
        byteLength: whole.byteLength,
        slice: (start, end) => {
          requests++;
          read += (end ?? whole.byteLength) - start;
          return whole.slice(start, end);
        },
      },
      manifest,
    );
    const before = requests;
    await rows.rows([3]);
    expect(requests).toBe(before + 1);
    const once = read;
    await rows.rows([5, 3]);
    expect(read).toBe(once);
  });

  test('are named among what becomes public, and left out on request', async () => {
    const [line] = describePublic(manifest, false).filter((text) => text.startsWith('rows.parquet'));
    expect(line).toBe(
      'rows.parquet: for each of 100 rows: no, the 5 values, the surprise of each detector; train with --no-rows to leave it out',
    );
    const without = join(folder, 'without');
    const made = await train(autoencoder({ ...QUICK, rows: false }), join(folder, 'table.csv'), {
      out: without,
    });
    expect(made.rows).toBeUndefined();
    expect(await readdir(without)).not.toContain('rows.parquet');
    expect(describePublic(made, false).join()).not.toContain('rows.parquet');
  });

  test('have distributions in the report: quantiles in order, every test row in a bin', async () => {
    const report = parseReport(JSON.parse(await readFile(join(out, 'report.json'), 'utf8')));
    const [x, y, flag, colour, day] = report.columns!;
    expect([flag, colour]).toEqual([null, null]);
    for (const distribution of [x, y, day]) {
      const { quantiles } = distribution!;
      expect(quantiles.toSorted((a, b) => a - b)).toEqual(quantiles);
    }
    const sum = (counts: number[]) => counts.reduce((a, b) => a + b, 0);
    expect(sum(x!.counts)).toBe(manifest.data.splits.test);
    expect(sum(y!.counts)).toBeLessThan(manifest.data.splits.test);
  });
});

test('the rows of a folder of images are file names and sizes, and surprises without reasons', async () => {
  const photos = join(folder, 'photos');
  await mkdir(photos);
  const random = new Random(5);
  for (let i = 0; i < 160; i++) {
    const pixels = Uint8Array.from({ length: 12 * 16 }, () => 40 + 9 * random.normal() + i);
    const image = sharp(pixels, { raw: { width: 16, height: 12, channels: 1 } });
    await image.png().toFile(join(photos, `photo-${String(i).padStart(3, '0')}.png`));
  }
  const out = join(folder, 'photos-model');
  const configuration = autoencoder({ ...QUICK, shape: [6, 8, 1], test: 100 });
  const manifest = await train(configuration, photos, { out });
  const { bundle, rows } = await open(out, manifest);
  const points = await readMapRows(await bundle.file('map.parquet'));
  const [row] = await rows.rows([4]);
  expect(manifest.rows).toMatchObject({ ids: ['file', 'height', 'width'], values: false });
  expect(row).toMatchObject({ values: undefined, reasons: [] });
  expect(row!.ids).toEqual([`photo-${String(points[4]!.id).padStart(3, '0')}.png`, '12', '16']);
  expect(row!.surprises).toHaveLength(manifest.scorer.detectors.length);
});

test('a matrix keeps its values', async () => {
  const random = new Random(6);
  const data = Float32Array.from({ length: 400 * 4 }, () => random.normal());
  const out = join(folder, 'matrix');
  const manifest = await train(autoencoder({ ...QUICK, test: 100 }), { values: data, shape: [4] }, { out });
  const { bundle, rows } = await open(out, manifest);
  const points = await readMapRows(await bundle.file('map.parquet'));
  const [row] = await rows.rows([11]);
  expect(row!.values).toEqual([...data.subarray(4 * points[11]!.id, 4 * points[11]!.id + 4)]);
});
