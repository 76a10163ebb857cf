import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import sharp from 'sharp';
import { describe, expect, vi } from 'vitest';
import { benjaminiHochberg } from '../../../bundle/multiple-testing.ts';
import { openFolder } from '../../../bundle/node/folder.ts';
import { exactPValue } from '../../../bundle/p-value.ts';
import { rankShares } from '../../../bundle/tables/score-table.ts';
import { UnknownValues } from '../../../bundle/unknown-values.ts';
import { Random } from '../../../kernels/random.ts';
import {
  chooseLevel,
  explainNoAnomalies,
  type ScoreFlags,
  score,
  summarise,
} from '../../../training/commands/score.ts';
import { describeUnknown } from '../../../training/commands/unknown-values.ts';
import { loadMnist } from '../../../training/data/readers/mnist.ts';
import { openSource } from '../../../training/data/source.ts';
import { runPipeline } from '../../../training/pipeline/run.ts';
import { Scorer } from '../../../training/scorer/scorer.ts';
import { ROOT, TEST_BUNDLE } from '../../support/paths.ts';
import { readTable, written } from '../data/tables/tables.ts';
import { test, writeNpy } from '../data/temporary.ts';
import { HEADER, sensorRows, useSensors } from './sensors.ts';

const sensors = useSensors();
const FLAGS = { significance: 0.05, explain: 0 } as const;

/** Scores a file into `name`, and returns what was written. */
async function scored(path: string, model: string, out: string, flags: Partial<ScoreFlags> = {}) {
  const summary = await score(path, model, { ...FLAGS, out, ...flags });
  return { summary, text: await readFile(out, 'utf8') };
}

const cells = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => line.split(','));

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
      fdr: 0.6,
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
      fdr: 0.6,
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
  const { summary, text } = await scored(sensors.table, sensors.model, join(folder, 'fdr.csv'), { fdr: 0.6 });
  const rows = cells(text).slice(1);
  const { discovery, count, threshold } = benjaminiHochberg(
    rows.map((row) => Number(row[1])),
    0.6,
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

test('values that training did not know are counted', () => {
  const named = (name: string, missing_share: number) => ({ name, missing_share });
  const moments = { center: 0, scale: 1, knots: [], scores: [], missing: 0 };
  const number = { kind: 'number' as const, scaling: 'standard' as const, ...moments };
  const category = { kind: 'category' as const, encoding: 'one_hot' as const };
  const unknown = new UnknownValues([
    { ...number, ...named('whole', 0) },
    { ...number, ...named('holed', 0.1) },
    { ...category, categories: ['a'], frequencies: [1], ...named('kind', 0) },
  ]);
  unknown.add([1, Number.NaN, 0, -1, 2, -1], 2);
  unknown.add(Float32Array.of(Number.NaN, Number.NaN, Number.NaN), 1);
  expect(describeUnknown(unknown)).toEqual([
    'column whole: the value is missing in 1 of 3 rows: every training row had one',
    'column kind: the category is new in 1 of 3 rows: no training row had it',
    'column kind: the value is missing in 1 of 3 rows: every training row had one',
  ]);
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
      'data.npy: a sample has 4 values, the model expects 784: 28 × 28 × 1',
    );
    await expect(score(sensors.table, model, { ...FLAGS, out: join(folder, 'x.csv') })).rejects.toThrow(
      'is a table of named columns: the model expects samples of rows of 4 numbers',
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

describe('what cannot be scored is said in a sentence, and nothing is left behind', () => {
  for (const [what, name, text, sentence] of [
    [
      'a column that is not there',
      'in.csv',
      'load,heat,flow\n1,2,3\n',
      'in.csv: there is no column site, which the model needs; the file has load, heat, flow',
    ],
    [
      'misspelt columns',
      'in.csv',
      'laod,heat,flow,n\n1,2,3,4\n',
      'in.csv: there are no columns load (did you mean laod?) or site, which the model needs; the file has laod, heat, flow, n',
    ],
    [
      'a decimal comma where training had a point',
      'in.csv',
      'load;heat;flow;site\n1;2;3;north\n1;54,3;3;north\n',
      'column heat: "54,3", expected a decimal point, as in the training data: "54.3", or nothing if it is missing',
    ],
    [
      'a text among numbers',
      'in.csv',
      'load,heat,flow,site\n1,2,3,north\n1,warm,3,north\n',
      'in.csv: row 2 (counted from 1, without the header), column heat: "warm", expected a number',
    ],
    [
      'a line that is too short',
      'in.csv',
      'load,heat,flow,site\n1,2,3,north\n1,2\n',
      'in.csv: line 3 has 2 values, but the first line names 4 columns',
    ],
    ['no rows', 'in.csv', 'load,heat,flow,site\n', 'in.csv: there are no rows'],
    ['an empty file', 'in.csv', '', 'in.csv: the file is empty: expected a line that names the columns'],
    [
      'an unknown format',
      'in.xlsx',
      'PK',
      'in.xlsx is not a table: the model expects .csv, .tsv, .json, .ndjson or .parquet',
    ],
  ] as const) {
    test(what, async ({ folder }) => {
      const path = await written(folder, name, text);
      await expect(score(path, sensors.model, { ...FLAGS, out: join(folder, 'out.csv') })).rejects.toThrow(
        sentence,
      );
      expect(await readdir(folder)).toEqual([name]);
    });
  }

  test('a place that cannot be written', async ({ folder }) => {
    const to = (out: string, flags = {}) => score(sensors.table, sensors.model, { ...FLAGS, out, ...flags });
    await expect(to(folder)).rejects.toThrow(`${folder} is a folder: expected a .csv,`);
    await expect(to(join(folder, 'a.xls'))).rejects.toThrow('a.xls: this format is not supported');
    await expect(to(join(folder, 'none', 'a.csv'))).rejects.toThrow(
      `a.csv cannot be written: the folder ${join(folder, 'none')} does not exist`,
    );
    await expect(to(join(folder, 'a.csv'), { columns: ['nummer', 'laod', 'heat'] })).rejects.toThrow(
      /there are no columns nummer or laod \(did you mean load\?\), which --columns names/,
    );
    await expect(to(sensors.table)).rejects.toThrow('sensors.csv is also the input');
    await writeFile(join(folder, 'score.csv'), `${HEADER.replace('id', 'score')}\n${sensorRows(1, 1)}\n`);
    const twice = score(join(folder, 'score.csv'), sensors.model, {
      ...FLAGS,
      out: join(folder, 'out.csv'),
      columns: ['score'],
    });
    await expect(twice).rejects.toThrow('two columns named score: leave it out of --columns');
  });

  test('what was there stays until the rows are whole, and a stopped run leaves nothing', async ({
    folder,
  }) => {
    const table = await written(folder, 'long.csv', `${[HEADER, ...sensorRows(60_000, 4)].join('\n')}\n`);
    const out = await written(folder, 'out.csv', 'before');
    const args = ['score', table, '--model', sensors.model, '--out', out];
    const child = spawn(process.execPath, [join(ROOT, 'training/cli.ts'), ...args]);
    const partial = async () => (await readdir(folder)).some((name) => name.endsWith('.partial'));
    while (child.exitCode === null && !(await partial())) await new Promise((next) => setTimeout(next, 2));
    expect(await readFile(out, 'utf8')).toBe('before');
    child.kill('SIGINT');
    const [code] = await once(child, 'close');
    expect(code).toBe(130);
    expect(await readFile(out, 'utf8')).toBe('before');
    expect((await readdir(folder)).sort()).toEqual(['long.csv', 'out.csv']);
    expect(existsSync(out)).toBe(true);
  });
});

test('a disk that takes no more is said in a sentence', async ({ folder }) => {
  const table = await written(folder, 'long.csv', `${[HEADER, ...sensorRows(20_000, 4)].join('\n')}\n`);
  // At most 100 KiB in a file.
  const limited = ['-c', 'ulimit -f 100; exec "$0" "$@"', process.execPath, join(ROOT, 'training/cli.ts')];
  for (const name of ['out.csv', 'out.parquet']) {
    const args = ['score', table, '--model', sensors.model, '--out', join(folder, name), '--explain', '2'];
    const child = spawn('bash', [...limited, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.on('data', (data) => (said += data));
    const [code] = await once(child, 'close');
    expect(code).toBe(1);
    expect(said.trim()).toBe(
      `offmanifold: ${join(folder, name)} cannot be written: it exceeds the size limit for files`,
    );
    expect(await readdir(folder)).toEqual(['long.csv']);
  }
});

test('the features with the largest shares are those that sorting finds', () => {
  const share = fc.float({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(
      fc.array(fc.array(share, { minLength: 5, maxLength: 5 }), { minLength: 1, maxLength: 6 }),
      fc.integer({ min: 1, max: 5 }),
      (rows, top) => {
        const found = rankShares(Float32Array.from(rows.flat()), rows.length, 5, top);
        for (const [i, row] of rows.entries()) {
          const sorted = row.map(Math.fround).map((share, j) => ({ share, j }));
          sorted.sort((a, b) => b.share - a.share);
          for (let k = 0; k < top; k++) {
            if (sorted[k].share > 0) expect(found.index[i * top + k]).toBe(sorted[k].j);
            expect(found.share[i * top + k]).toBe(sorted[k].share);
          }
        }
      },
    ),
  );
});
