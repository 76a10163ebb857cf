import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { describe, expect, vi } from 'vitest';
import { benjaminiHochberg } from '../../../bundle/multiple-testing.ts';
import { openFolder } from '../../../bundle/node/folder.ts';
import {
  chooseLevel,
  explainNoAnomalies,
  type ScoreFlags,
  score,
  summarise,
} from '../../../training/commands/score.ts';
import { Scorer } from '../../../training/scorer/scorer.ts';
import { readTable, written } from '../data/tables/tables.ts';
import { test } from '../data/temporary.ts';
import { cells, FLAGS, scored } from './scored.ts';
import { HEADER, sensorRows, useSensors } from './sensors.ts';

const sensors = useSensors();

/** What the whole graph says of the rows of a table, by the scorer that copies. */
async function expected(table: string, model: string) {
  const { manifest, file } = await openFolder(model);
  if (manifest.data.scaling.kind !== 'columns') throw new Error('no table');
  const all: number[] = [];
  await readTable(table, manifest.data.scaling.columns, (rows) => void all.push(...rows));
  const count = all.length / manifest.data.features;
  const scorer = await Scorer.load(await file('scorer.onnx'));
  const found = await scorer.run(Float32Array.from(all), count, [
    'score',
    'p_value',
    'feature_share',
    'detectors',
  ]);
  await scorer.release();
  return { ...found, count, manifest };
}

test('a row for each row, in order, is what the whole graph says of it', async ({ folder }) => {
  const { summary, text } = await scored(sensors.table, sensors.model, join(folder, 'scores.csv'), {
    columns: ['id', 'site'],
    explain: 2,
    detectors: true,
  });
  const [head, ...rows] = cells(text);
  const { score, p_value, feature_share, detectors, count, manifest } = await expected(
    sensors.table,
    sensors.model,
  );
  const members = manifest.scorer.detectors.map(({ name }) => name);
  expect(head).toEqual(
    ['id', 'site', 'score', 'p_value', 'anomalous', ...members].concat(
      'feature_1',
      'share_1',
      'feature_2',
      'share_2',
    ),
  );
  expect(rows).toHaveLength(count);
  expect(summary.rows).toBe(count);
  const input = cells(await readFile(sensors.table, 'utf8')).slice(1);
  const names = manifest.data.names!;
  const k = members.length;
  for (const [i, row] of rows.entries()) {
    expect(row.slice(0, 2)).toEqual([input[i][0], input[i][4]]);
    expect(Math.abs(Number(row[2]) - score[i])).toBeLessThanOrEqual(1e-4 * Math.max(1, Math.abs(score[i])));
    expect(Number(row[3])).toBeCloseTo(p_value[i], 2);
    expect(row[4]).toBe(String(Number(row[3]) <= 0.05));
    for (let j = 0; j < k; j++) {
      expect(Math.abs(Number(row[5 + j]) - detectors[i * k + j])).toBeLessThan(1e-3);
    }
    const shares = Array.from(names, (name, j) => ({ name, share: feature_share[i * names.length + j] }));
    const best = Math.max(...shares.map(({ share }) => share));
    expect(Number(row[6 + k])).toBeCloseTo(Math.min(best, 1), 3);
    if (best > 0) expect(names).toContain(row[5 + k]);
  }
  expect(summary.anomalous).toBe(rows.filter((row) => row[4] === 'true').length);
  expect(summary.anomalous).toBeGreaterThan(5);
});

test('more features than the model has are refused, as by the API', async ({ folder }) => {
  await expect(scored(sensors.table, sensors.model, join(folder, 'a.csv'), { explain: 5 })).rejects.toThrow(
    '--explain is 5: expected a whole number from 0 to 4, the features of the model',
  );
});

test('CSV, gzip, TSV, NDJSON and Parquet in and out are the same scores', async ({ folder }) => {
  const rows = sensorRows(300, 2).map((row) => row.split(','));
  const names = HEADER.split(',');
  const csv = await written(folder, 'in.csv', `${[names, ...rows].map((row) => row.join()).join('\n')}\n`);
  const tsv = `${[names, ...rows].map((row) => row.toReversed().join('\t')).join('\n')}\n`;
  const record = (row: string[]) =>
    `{"load":${row[1]},"heat":${row[2]},"flow":${row[3] || 'null'},"site":"${row[4]}","id":${row[0]}}`;
  const inputs = [
    csv,
    await written(folder, 'in.csv.gz', gzipSync(await readFile(csv))),
    await written(folder, 'in.tsv', tsv),
    await written(folder, 'in.ndjson', `${rows.map(record).join('\n')}\n`),
    await written(folder, 'in.json', `[${rows.map(record).join(',')}]`),
  ];
  const [first, ...others] = await Promise.all(
    inputs.map(async (path, i) => (await scored(path, sensors.model, join(folder, `out${i}.csv`))).text),
  );
  expect(cells(first)).toHaveLength(301);
  for (const other of others) expect(other).toBe(first);
  const flags = { ...FLAGS, columns: ['id', 'site'] };
  await score(inputs[3], sensors.model, { ...flags, out: join(folder, 'out.parquet') });
  const file = await asyncBufferFromFile(join(folder, 'out.parquet'));
  const found = await parquetReadObjects({ file });
  const { text } = await scored(inputs[3], sensors.model, join(folder, 'out.ndjson'), flags);
  const lines = text.trimEnd().split('\n');
  for (const [i, [value, p, verdict]] of cells(first).slice(1).entries()) {
    // A whole number beyond 2^53 stays what it is.
    const id = 9_007_199_254_740_993n + BigInt(i);
    expect(found[i]).toEqual({
      id,
      site: rows[i][4],
      score: Math.fround(Number(value)),
      p_value: Number(p),
      anomalous: verdict === 'true',
    });
    expect(lines[i]).toBe(
      `{"id":${id},"site":"${rows[i][4]}","score":${value},"p_value":${p},"anomalous":${verdict}}`,
    );
  }
});

test('standard input is scored like a file', async ({ folder }) => {
  const whole = await scored(sensors.table, sensors.model, join(folder, 'file.csv'), { columns: ['id'] });
  const piped = await scored('-', sensors.model, join(folder, 'piped.csv'), {
    columns: ['id'],
    stdin: createReadStream(sensors.table),
  });
  expect(piped.text).toBe(whole.text);
  const wrong = score('-', sensors.model, {
    ...FLAGS,
    out: join(folder, 'wrong.csv'),
    stdin: Readable.from([Buffer.from('{"load":1,"heat":"warm","flow":1,"site":"north"}\n')]),
  });
  await expect(wrong).rejects.toThrow(/^standard input: row 1 .* column heat: "warm", expected a number/);
});

test('--json prints a summary', async ({ folder }) => {
  const lines: string[] = [];
  const log = vi.spyOn(console, 'log').mockImplementation((line) => void lines.push(line));
  const out = join(folder, 'scores.csv');
  try {
    const { rows, anomalous, threshold, seconds } = await score(sensors.table, sensors.model, {
      ...FLAGS,
      out,
      fdr: 0.9,
      json: true,
    });
    const { model_id } = (await openFolder(sensors.model)).manifest;
    expect(JSON.parse(lines.join('\n'))).toEqual({
      file: sensors.table,
      out,
      model_id,
      rows,
      anomalous,
      significance: null,
      fdr: 0.9,
      discoveries: anomalous,
      threshold,
      seconds,
      warnings: [],
    });
    await score(sensors.table, sensors.model, { ...FLAGS, out, json: true });
    expect(JSON.parse(lines[1]!)).toMatchObject({ significance: 0.05, fdr: null, discoveries: null });
  } finally {
    log.mockRestore();
  }
});

test('more rows than a batch keep their order, whatever the threads', async ({ folder }) => {
  const table = await written(folder, 'long.csv', `${[HEADER, ...sensorRows(20_000, 3)].join('\n')}\n`);
  const one = await scored(table, sensors.model, join(folder, '1.csv'), { threads: 1, columns: ['id'] });
  const three = await scored(table, sensors.model, join(folder, '3.csv'), { threads: 3, columns: ['id'] });
  expect(three.text).toBe(one.text);
  const ids = cells(one.text)
    .slice(1)
    .map(([id]) => BigInt(id) - 9_007_199_254_740_993n);
  expect(ids).toEqual(Array.from({ length: 20_000 }, (_, i) => BigInt(i)));
  const whole = await expected(table, sensors.model);
  const wrong = cells(one.text)
    .slice(1)
    .findIndex(
      ([, score], i) => Math.abs(Number(score) - whole.score[i]) > 1e-3 * Math.max(1, whole.score[i]),
    );
  expect(wrong).toBe(-1);
});

test('at a false discovery rate the discoveries of Benjamini and Hochberg are anomalous', async ({
  folder,
}) => {
  const { summary, text } = await scored(sensors.table, sensors.model, join(folder, 'fdr.csv'), { fdr: 0.9 });
  const rows = cells(text).slice(1);
  const { discovery, count, threshold } = benjaminiHochberg(
    rows.map((row) => Number(row[1])),
    0.9,
  );
  expect(count).toBeGreaterThan(0);
  expect(rows.map((row) => row[2] === 'true')).toEqual(discovery);
  expect(summary).toMatchObject({ anomalous: count, threshold });
});

test('an unknown category says nothing, nor does a gap where training had none', async ({ folder }) => {
  const rows = sensorRows(600, 4);
  const flag = async (name: string, site: (own: string) => string) => {
    const lines = rows.map((row) =>
      row
        .split(',')
        .map((value, j) => (j === 4 ? site(value) : value))
        .join(),
    );
    const file = await written(folder, `${name}.csv`, `${[HEADER, ...lines].join('\n')}\n`);
    const out = join(folder, `${name}-scores.csv`);
    await score(file, sensors.model, { out, significance: 0.05, explain: 0 });
    const [, ...found] = (await readFile(out, 'utf8')).trim().split('\n');
    return found.filter((line) => line.endsWith('true')).length;
  };
  const usual = await flag('usual', (own) => own);
  expect(usual).toBeGreaterThan(10);
  for (const [name, site] of [
    ['new', () => 'quay'],
    ['gap', () => ''],
  ] as const) {
    expect(await flag(name, site)).toBeLessThan(2 * usual);
  }
});

describe('what is said of scored rows', () => {
  const said = async (
    { rows, anomalous, threshold = null }: { rows: number; anomalous: number; threshold?: number | null },
    flags: Pick<ScoreFlags, 'significance' | 'fdr'> & { out?: string },
    calibration_count = 99,
  ) => {
    const { manifest } = await openFolder(sensors.model);
    const scorer = { ...manifest.scorer, calibration_count };
    const scored = { rows, anomalous, threshold, seconds: 2 };
    const level = { out: 'a.csv', ...flags, ...chooseLevel(flags, { scorer }) };
    return [summarise(scored, { scorer }, level), ...explainNoAnomalies(scored, { scorer }, level)];
  };

  test('how many are anomalous, and at which level', async () => {
    expect(await said({ rows: 1000, anomalous: 10 }, { significance: 0.01 })).toEqual([
      'a.csv: 1,000 rows in 2 s, 500 rows/s: 10 anomalous (1.00%) at p ≤ 0.01',
    ]);
    expect(await said({ rows: 1000, anomalous: 10, threshold: 0.02 }, { out: '-', fdr: 0.1 })).toEqual([
      '1,000 rows in 2 s, 500 rows/s: 10 anomalous (1.00%) at false discovery rate 0.1, p ≤ 0.0200',
    ]);
  });

  test('that the level is the smallest p-value, if that is above 0.01 and no level is given', async () => {
    const lines = await said({ rows: 1000, anomalous: 10 }, {}, 45);
    expect(lines).toEqual([
      'a.csv: 1,000 rows in 2 s, 500 rows/s: 10 anomalous (1.00%) at p ≤ 0.022, the smallest p-value of 45 calibration samples, rounded up',
    ]);
    expect((await said({ rows: 1000, anomalous: 10 }, {}))[0]).toMatch(/at p ≤ 0\.01$/);
  });

  test('why none can be', async () => {
    expect((await said({ rows: 1000, anomalous: 0 }, { significance: 0.001 }))[1]).toBe(
      'no row can be anomalous at 0.001: with 99 calibration samples the smallest p-value is 0.0100; train with a larger --calibration for smaller ones',
    );
    // Benjamini and Hochberg: with k rows at p there are discoveries if p ≤ k q / m, so from k = 0.01 · 1000 / 0.1 = 100 on.
    expect((await said({ rows: 1000, anomalous: 0 }, { fdr: 0.1 }))[1]).toBe(
      'no discoveries: with 99 calibration samples the smallest p-value is 0.0100, and at least 100 of the 1,000 rows would need that p-value; train with a larger --calibration for smaller ones',
    );
    expect((await said({ rows: 1000, anomalous: 0 }, { fdr: 0.005 }))[1]).toBe(
      'no discoveries: with 99 calibration samples the smallest p-value is 0.0100, too large for a discovery among 1,000 rows; train with a larger --calibration for smaller ones',
    );
  });
});
