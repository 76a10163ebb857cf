import { createReadStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, vi } from 'vitest';
import { auroc } from '../../../bundle/metrics.ts';
import { compare } from '../../../training/commands/compare.ts';
import { evaluate } from '../../../training/commands/evaluate.ts';
import { inspect } from '../../../training/commands/inspect.ts';
import { score } from '../../../training/commands/score.ts';
import { openTable } from '../../../training/data/readers/open-table.ts';
import { openSource } from '../../../training/data/source.ts';
import { parseLabels } from '../../../training/evaluate/labels.ts';
import { runPipeline } from '../../../training/pipeline/run.ts';
import { TEST_BUNDLE } from '../../support/paths.ts';
import { written } from '../data/tables/tables.ts';
import { test } from '../data/temporary.ts';
import { EVERY, HEADER, sensorRows, useSensors } from './sensors.ts';

const sensors = useSensors();

/** Runs something, and returns what it gave and what it printed. */
async function printed<T>(work: () => Promise<T>): Promise<{ result: T; text: string }> {
  const lines: string[] = [];
  const log = vi.spyOn(console, 'log').mockImplementation((line) => void lines.push(String(line)));
  try {
    const result = await work();
    return { result, text: lines.join('\n') };
  } finally {
    log.mockRestore();
  }
}

const labelled = (folder: string, rows = 1500) =>
  written(folder, 'labelled.csv', `${[HEADER, ...sensorRows(rows, 9)].join('\n')}\n`);

describe('evaluate', () => {
  test('says that a file does not exist, whatever its name and the model', async ({ folder }) => {
    for (const name of ['none.csv', 'none.npy', 'none']) {
      const file = join(folder, name);
      await expect(evaluate(file, TEST_BUNDLE, {})).rejects.toThrow(`${file} cannot be read`);
      const out = join(folder, 'out.csv');
      await expect(score(file, TEST_BUNDLE, { out, explain: 0 })).rejects.toThrow(`${file} cannot be read`);
    }
  });

  test('counts what the scores of `score` find', async ({ folder }) => {
    const file = await labelled(folder);
    const out = join(folder, 'scores.parquet');
    await score(file, sensors.model, { out, significance: 0.05, explain: 0, columns: ['fault'] });
    await using table = await openTable(out);
    const wanted = ['score', 'p_value', 'fault'].map((name) => table.columns.find((c) => c.name === name)!);
    const rows: [number, number, boolean][] = [];
    for await (const { count, cells } of table.read(wanted)) {
      for (let i = 0; i < count; i++) {
        rows.push([cells[0].number(i), cells[1].number(i), cells[2].value(i) === 'yes']);
      }
    }
    const { result } = await printed(() => evaluate(file, sensors.model, { significance: 0.07 }));
    expect(result.levels.map(({ significance }) => significance)).toContain(0.07);
    const of = (is: boolean) => rows.filter((row) => row[2] === is);
    const scores = (is: boolean) => Float32Array.from(of(is), ([score]) => Number(score));
    expect(result).toMatchObject({
      rows: 1500,
      anomalous: 1500 / EVERY,
      label: { column: 'fault', anomalous: 'yes', normal: 'no' },
    });
    expect(result.auroc).toBeCloseTo(auroc(scores(false), scores(true)), 10);
    expect(result.auroc).toBeGreaterThan(0.8);
    expect(result.detectors.length).toBeGreaterThan(0);
    for (const level of result.levels) {
      const flagged = rows.filter((row) => Number(row[1]) <= level.significance);
      const hits = flagged.filter((row) => row[2]).length;
      expect(level.flagged).toBe(flagged.length);
      expect(level.recall).toBeCloseTo(hits / of(true).length, 12);
      expect(level.precision).toBe(flagged.length ? hits / flagged.length : null);
      const [low, high] = level.interval;
      expect(low).toBeLessThanOrEqual(level.false_positive_rate);
      expect(high).toBeGreaterThan(level.false_positive_rate);
    }
  });

  test('the significance that it finds is what `score` then does', async ({ folder }) => {
    const file = await labelled(folder);
    const { result, text } = await printed(() => evaluate(file, sensors.model, { target: { recall: 0.6 } }));
    const { score: byScore, significance } = result.target!;
    expect(significance!.recall).toBeGreaterThanOrEqual(0.6);
    expect(text).toMatch(/labelled\.csv: 1,500 rows, \d+ anomalous \(\d+\.\d\d%\), where fault is yes$/m);
    expect(text).toContain('recall of at least 0.6');
    // As a person copies it from the table.
    const [, level] = /\(--significance\) +≤ ([\d.]+)/.exec(text)!;
    const out = join(folder, 'scores.csv');
    const { anomalous } = await score(file, sensors.model, { out, significance: Number(level), explain: 0 });
    const found = Math.round((significance!.recall * 1500) / EVERY);
    expect(anomalous).toBe(found + significance!.false_positives);
    expect(byScore!.precision).toBeGreaterThanOrEqual(significance!.precision!);
  });

  test('labels come from standard input, too', async ({ folder }) => {
    const file = await labelled(folder);
    const whole = await printed(() => evaluate(file, sensors.model, {}));
    const piped = await printed(() => evaluate('-', sensors.model, { stdin: createReadStream(file) }));
    expect(piped.result).toEqual({ ...whole.result, file: '-' });
  });

  test('a target out of reach, and the cost of one', async ({ folder }) => {
    const file = await labelled(folder);
    const cost = { false_positive: 1, false_negative: 1000 };
    const { result } = await printed(() => evaluate(file, sensors.model, { target: { cost }, json: true }));
    const { score: reached } = result.target!;
    expect(reached!.cost).toBe(reached!.false_positives + 1000 * reached!.false_negatives);
    expect(reached!.recall).toBe(1);
    // One id is the label of another question.
    const other = await printed(() =>
      evaluate(file, sensors.model, {
        label: 'id',
        anomalous: '9007199254740993',
        target: { precision: 0.999 },
      }),
    );
    expect(other.text).toMatch(/by score +(out of reach|≥)/);
  });

  test('a label that is not in the file is named, and where its name comes from', async ({ folder }) => {
    const out = join(folder, 'scores.csv');
    const columns = ['load', 'heat', 'flow', 'site'];
    await score(await labelled(folder, 60), sensors.model, { out, explain: 0, columns });
    const found = 'the file has load, heat, flow, site, score, p_value, anomalous';
    await expect(evaluate(out, sensors.model, {})).rejects.toThrow(
      `scores.csv: there is no column fault, which was the label in training (name another with --label); ${found}`,
    );
    await expect(evaluate(out, sensors.model, { label: 'state' })).rejects.toThrow(
      `scores.csv: there is no column state (did you mean site?), which --label names; ${found}`,
    );
    await expect(
      score(out, sensors.model, { out: join(folder, 'again.csv'), explain: 0, columns: ['id'] }),
    ).rejects.toThrow(`scores.csv: there is no column id, which --columns names; ${found}`);
  });

  test('a label that stands for a missing value is refused, as in training', async ({ folder }) => {
    const rows = sensorRows(100, 9).map((row, i) => `${row},${i === 7 ? 'NA' : i % 9 ? 'fine' : 'broken'}`);
    const file = await written(folder, 'gap.csv', `${[`${HEADER},state`, ...rows].join('\n')}\n`);
    await expect(evaluate(file, sensors.model, { label: 'state', anomalous: 'broken' })).rejects.toThrow(
      /gap\.csv: row 8 .*, column state: the label is missing$/,
    );
  });

  test('a label that is a feature of the model is refused', async ({ folder }) => {
    const file = await labelled(folder);
    await expect(evaluate(file, sensors.model, { label: 'site', anomalous: 'north' })).rejects.toThrow(
      /labelled\.csv: column site is a feature of the model, so .*: train again with --label site or --exclude site, or name another column with --label$/,
    );
  });

  test('which of two values is anomalous is not guessed if most rows have it, or of -1 and 1', () => {
    const read = (cells: string[]) => () => parseLabels('rows.csv', 'fault', cells);
    expect(read(['1', '1', '0'])).toThrow(
      'cannot tell which of "1", "0" is anomalous: name it with --anomalous VALUE',
    );
    expect(read(['1', '1', '-1'])).toThrow('cannot tell which of "1", "-1" is anomalous');
    expect(read(['0', '1', '0'])().words).toEqual({ anomalous: '1', normal: '0' });
  });

  test('a label that is neither of the two that training knew is refused, with its row', () => {
    const cells = ['0', '1', 'maybe', '0'];
    expect(() => parseLabels('rows.csv', 'fault', cells, '1', '0')).toThrow(
      /^rows.csv: row 3 .*, column fault: "maybe", expected 1 or 0 as in the training data/,
    );
    expect(Array.from(parseLabels('rows.csv', 'fault', cells, '1').anomalous)).toEqual([0, 1, 0, 0]);
  });

  test('--json prints what is returned', async ({ folder }) => {
    const file = await labelled(folder);
    const { result, text } = await printed(() => evaluate(file, sensors.model, { json: true }));
    expect(JSON.parse(text)).toEqual(result);
  });

  test('images are labelled by their class', async () => {
    const { result } = await printed(() =>
      evaluate('mnist', TEST_BUNDLE, { label: 'class', anomalous: '1' }),
    );
    expect(result).toMatchObject({ rows: 10_000, anomalous: 1135, label: { normal: null } });
    await expect(evaluate('mnist', TEST_BUNDLE, {})).rejects.toThrow('Name their class with --label class');
  });
});

describe('compare', () => {
  test('a bundle and itself differ in nothing', async () => {
    const { result, text } = await printed(() =>
      compare(sensors.model, sensors.model, { data: sensors.table }),
    );
    expect(result.differences).toEqual([]);
    expect(result.scores).toMatchObject({ rows: 900, spearman: 1, agreement: 1 });
    expect(text).toContain('the manifests agree on');
    const without = await printed(() => compare(sensors.model, sensors.model, {}));
    expect(without.result.scores).toBeNull();
  });

  test('two models of one table', async ({ folder }) => {
    const other = join(folder, 'other');
    const configuration = { label: 'fault', epochs: 3, seed: 5, map_points: 100, iterations: 250 };
    await runPipeline(() => openSource(sensors.table, configuration), configuration, { out: other });
    const file = await labelled(folder);
    const { result, text } = await printed(() => compare(sensors.model, other, { data: file }));
    const paths = Object.fromEntries(result.differences.map(({ path, values }) => [path, values]));
    expect(paths).toMatchObject({ 'training.seed': [1, 5], 'training.epochs': [10, 3] });
    const { spearman, verdicts, rows, agreement, most_different } = result.scores!;
    expect(spearman).toBeGreaterThan(0.5);
    expect(spearman).toBeLessThan(1);
    expect(rows).toBe(1500);
    expect(verdicts.both + verdicts.first + verdicts.second + verdicts.neither).toBe(rows);
    expect(agreement).toBe((verdicts.both + verdicts.neither) / rows);
    const apart = most_different.map(({ place: [a, b] }) => Math.round(rows * Math.abs(a - b)));
    expect(apart).toEqual(apart.toSorted((a, b) => b - a));
    expect(text).toContain('rank correlation of the scores (Spearman)');
  });

  test('models of different data cannot be compared', async () => {
    await expect(compare(sensors.model, TEST_BUNDLE, {})).rejects.toThrow(
      'cannot be compared: the first takes rows with flow, heat, load, site, the second samples of 28 × 28 × 1',
    );
  });
});

describe('inspect', () => {
  test('shows the columns of a table as training takes them, and the manifest of a bundle', async ({
    folder,
  }) => {
    const { text } = await printed(() => inspect(sensors.table, 'none'));
    expect(text).toContain('sensors.csv: 900 rows');
    expect(text).toMatch(/heat +number +standard/);
    expect(text).toMatch(/site +category +2 categories, one-hot/);
    for (const what of [sensors.model, undefined]) {
      const manifest = await printed(() => inspect(what, sensors.model));
      expect(JSON.parse(manifest.text).format).toBe('offmanifold-bundle');
    }
    expect((await printed(() => inspect(undefined, sensors.table))).text).toContain('900 rows');
    const { columns, rows } = JSON.parse(
      (await printed(() => inspect(sensors.table, 'none', {}, { json: true }))).text,
    );
    expect(rows).toBe(900);
    expect(columns).toContainEqual(
      expect.objectContaining({ name: 'heat', kind: 'number', treatment: 'standard', missing_share: 0 }),
    );
    await writeFile(join(folder, 'a.txt'), 'x');
    await expect(inspect(join(folder, 'a.txt'), 'none')).rejects.toThrow(
      'is not supported: expected mnist, a table',
    );
    await expect(inspect(undefined, 'none')).rejects.toThrow('there is no bundle at none');
  });
});
