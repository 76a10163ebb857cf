import { readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, vi } from 'vitest';
import { init } from '../../../training/commands/init.ts';
import { inspect } from '../../../training/commands/inspect.ts';
import { train } from '../../../training/commands/train.ts';
import { findWarnings } from '../../../training/commands/warnings.ts';
import type { Configuration } from '../../../training/config/schema.ts';
import { openSource } from '../../../training/data/source.ts';
import { lines, written } from '../data/tables/tables.ts';
import { test } from '../data/temporary.ts';

const QUICK = { epochs: 1, iterations: 250 };

const table = (rows: number, header = 'x,y') =>
  lines(header, rows, (i) => [i % 7, Math.sin(i), i % 2].slice(0, header.split(',').length).join());

test('a model with other columns is overwritten only with --replace', async ({ folder }) => {
  const [two, three] = [
    await written(folder, 'two.csv', table(120)),
    await written(folder, 'three.csv', table(120, 'x,y,z')),
  ];
  const out = join(folder, 'model');
  const manifest = () => readFile(join(out, 'manifest.json'), 'utf8');
  await train(two, out, QUICK, {});
  const first = await manifest();
  await expect(train(three, out, QUICK, {})).rejects.toThrow(
    `${out} holds a model for rows with x, y; the new data is rows with x, y, z: choose another folder with --out, or overwrite it with --replace`,
  );
  expect(await manifest()).toBe(first);
  const { model_id } = await train(two, out, { ...QUICK, seed: 2 }, {});
  expect(model_id).not.toBe(JSON.parse(first).model_id);
  await train(three, out, QUICK, { replace: true });
  expect(JSON.parse(await manifest()).data.names).toEqual(['x', 'y', 'z']);
});

test('a log never overwrites the data or the configuration', async ({ folder }) => {
  const data = await written(folder, 'data.csv', table(30));
  const config = await written(folder, 'run.json', '{"epochs": 1}');
  const link = join(folder, 'link.csv');
  await symlink(data, link);
  for (const log of [data, link, config]) {
    for (const resume of [undefined, true] as const) {
      await expect(train(data, join(folder, 'model'), QUICK, { log, config, resume })).rejects.toThrow(
        `${log} is also the input: choose another name with --log`,
      );
    }
  }
  expect(await readFile(data, 'utf8')).toBe(table(30));
  expect(await readFile(config, 'utf8')).toBe('{"epochs": 1}');
});

for (const label of [undefined, 'z']) {
  test(`a table of thirty rows, with ${label ? 'a' : 'no'} label, has a bundle, map and all`, async ({
    folder,
  }) => {
    const out = join(folder, 'model');
    const path = await written(folder, 'few.csv', table(30, 'x,y,z'));
    const { map, scorer } = await train(path, out, { ...QUICK, label }, {});
    expect(map.points).toBe(30);
    expect(scorer.calibration_count).toBe(9);
  });
}

test('a warning names a detector that is fitted with fewer rows set aside', async ({ folder }) => {
  const path = await written(
    folder,
    'equal.csv',
    lines('x,z', 400, (i) => (i % 10 ? '1,2' : `${Math.sin(i)},${Math.cos(3 * i)}`)),
  );
  const said: string[] = [];
  const spy = vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    said.push(String(text));
    return true;
  });
  try {
    await train(path, join(folder, 'model'), { ...QUICK, detectors: ['isolation_forest', 'knn'] }, {});
  } finally {
    spy.mockRestore();
  }
  expect(said.join('')).toMatch(
    /isolation_forest:input gives every row the same score if .* it is fitted with only 7\.5% set aside\n/,
  );
});

describe('before training there is a warning', () => {
  const said = async (path: string, options: Configuration = {}) => {
    const source = await openSource(path, options);
    await source.close();
    return findWarnings(source);
  };

  test('that a rare value may mark the anomalies, unless there is a label', async ({ folder }) => {
    const path = await written(
      folder,
      'odd.csv',
      lines('x,is_bad,state,half', 1000, (i) =>
        [Math.sin(i), i % 40 ? 0 : 1, i % 25 ? 'on' : 'off', i % 2].join(),
      ),
    );
    const [rare, ...others] = await said(path);
    expect(rare).toMatch(
      /^there is no label, so the model also learns from is_bad, which has two values, one of them in only 2\.\d% of the rows \(see also state\); if .* --label "is_bad"$/,
    );
    expect(others).toEqual([]);
    expect(await said(path, { label: 'is_bad' })).toEqual([]);
    const [text] = await said(path, { exclude: ['is_bad'] });
    expect(text).toMatch(/one of them in only 4\.?\d*% .* --label "state" --anomalous "off"$/);
  });

  test('that a gap keeps a column from being the label, in a line of its own even with --quiet', async ({
    folder,
  }) => {
    const rows = lines('x,y,fault', 400, (i) =>
      [Math.sin(i), Math.cos(i), i === 11 ? '' : +(i % 40 === 0)].join(),
    );
    const path = await written(folder, 'gap.csv', rows);
    const warning =
      'column fault has the name of a label, but it is missing in row 12 (counted from 1, without the header): it is left out, and there is no label';
    expect(await said(path, { calibration: 99 })).toEqual([warning]);
    expect(await said(path, { calibration: 99, exclude: ['fault'] })).toEqual([]);
    const out = join(folder, 'gap.json');
    const errors: string[] = [];
    const spy = vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
      errors.push(String(text));
      return true;
    });
    const log = vi.spyOn(console, 'log').mockImplementation(() => {});
    try {
      await inspect(path, 'none', { calibration: 99 });
      expect(errors).toEqual([`warning: ${warning}\n`]);
      await init(path, out, { calibration: 99 });
      expect(errors).toContain(`warning: ${warning}\n`);
    } finally {
      for (const each of [spy, log]) each.mockRestore();
    }
    // Once the gap is filled, the column is the label.
    expect(JSON.parse(await readFile(out, 'utf8')).exclude).toEqual([]);
  });

  test('that the calibration samples are too few for the usual level', async ({ folder }) => {
    const path = await written(folder, 'few.csv', table(400));
    expect(await said(path)).toEqual([
      'rows are flagged at p ≤ 0.017, the smallest p-value of 60 calibration samples, rounded up; for 0.01, use more rows or --calibration 99',
    ]);
    expect(await said(path, { calibration: 98 })).toHaveLength(1);
    expect(await said(path, { calibration: 99 })).toEqual([]);
  });
});
