import { existsSync, writeFileSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, vi } from 'vitest';
import { formatColumns } from '../../../training/commands/columns.ts';
import { init } from '../../../training/commands/init.ts';
import { inspect } from '../../../training/commands/inspect.ts';
import { findWarnings } from '../../../training/commands/warnings.ts';
import { readConfiguration } from '../../../training/config/schema.ts';
import { openSource } from '../../../training/data/source.ts';
import { lines, written } from '../data/tables/tables.ts';
import { test } from '../data/temporary.ts';

const TABLE = lines(
  'id,temperature,site,fault',
  300,
  (i) => `${i + 5},${i % 9 ? 20 + Math.sin(i) : ''},${['north', 'south'][i % 2]},${i % 50 ? 'no' : 'yes'}`,
);

test('init writes what it finds, as a configuration that trains on the same columns', async ({ folder }) => {
  const data = await written(folder, 'sensors.csv', TABLE);
  const out = join(folder, 'sensors.config.json');
  await init(data, out);
  expect(JSON.parse(await readFile(out, 'utf8'))).toMatchObject({ version: 1 });
  const configuration = await readConfiguration(out);
  expect(configuration).toMatchObject({
    types: { temperature: 'number', site: 'category' },
    exclude: ['id'],
    preset: 'tabular',
    scaling: 'auto',
    seed: 1,
  });
  const [found, again] = [await openSource(data, {}), await openSource(data, configuration)];
  expect(again.scaling).toEqual(found.scaling);
  await Promise.all([found.close(), again.close()]);
});

test('init and inspect answer for a column that may be the label, and warn of it', async ({ folder }) => {
  const data = await written(
    folder,
    'classes.csv',
    lines('x,class,y,z', 300, (i) => `${i / 8},${i % 4 ? 2 : 4},${i % 2},${(i * i) % 31}`),
  );
  const out = join(folder, 'classes.json');
  const said: string[] = [];
  const spies = [process.stdout, process.stderr].map((stream) =>
    vi.spyOn(stream, 'write').mockImplementation((text) => {
      said.push(String(text));
      return true;
    }),
  );
  const log = vi.spyOn(console, 'log').mockImplementation((text) => void said.push(text));
  try {
    await expect(openSource(data, {})).rejects.toThrow('column class has two values');
    await init(data, out);
    const warning =
      /column class has two values, "2" \(225 rows\) and "4" \(75 rows\).*; column y has .*; for now, class is the label and 4 is anomalous, and y is left out/;
    expect(said.join('')).toMatch(warning);
    said.length = 0;
    await inspect(data, folder);
    expect(said.join('')).toMatch(warning);
  } finally {
    for (const spy of [...spies, log]) spy.mockRestore();
  }
  expect(JSON.parse(await readFile(out, 'utf8'))).toMatchObject({ version: 1 });
  const configuration = await readConfiguration(out);
  expect(configuration).toMatchObject({ label: 'class', anomalous: '4', exclude: ['y'] });
  const source = await openSource(data, configuration);
  expect([source.names, source.label]).toEqual([['x', 'z'], 'class']);
  await source.close();
});

test('init does not write over a file, nor leave one where it fails', async ({ folder }) => {
  const data = await written(folder, 'sensors.csv', TABLE);
  await expect(init(data, data)).rejects.toThrow(
    'sensors.csv exists already: choose another name with --out',
  );
  await expect(init(data, data, {}, { replace: true })).rejects.toThrow('sensors.csv is also the input');
  const out = join(folder, 'none.json');
  await expect(init(join(folder, 'none.csv'), out)).rejects.toThrow(
    'none.csv cannot be read: there is no such file or folder',
  );
  expect(existsSync(out)).toBe(false);
});

test('init writes over its own file where it is told to', async ({ folder }) => {
  const data = await written(folder, 'sensors.csv', TABLE);
  const out = await written(folder, 'sensors.config.json', '{}');
  await init(data, out, {}, { replace: true });
  expect(JSON.parse(await readFile(out, 'utf8'))).toHaveProperty('types');
});

test('init leaves nothing while it reads, nor writes over what comes in the meantime', async ({ folder }) => {
  const data = await written(folder, 'sensors.csv', TABLE);
  const out = join(folder, 'sensors.config.json');
  const there: boolean[] = [];
  const said = vi.spyOn(process.stderr, 'write').mockImplementation(() => {
    there.push(existsSync(out));
    if (there.length === 2) writeFileSync(out, 'of another');
    return true;
  });
  try {
    await expect(init(data, out)).rejects.toThrow('exists already: choose another name with --out');
  } finally {
    said.mockRestore();
  }
  expect(there.slice(0, 2)).toEqual([false, false]);
  expect(await readFile(out, 'utf8')).toBe('of another');
  await expect(init(data, join(folder, 'none', 'a.json'))).rejects.toThrow(
    /a\.json cannot be written: the folder .* does not exist/,
  );
});

test('inspect takes no bundle for data', async ({ folder }) => {
  await mkdir(join(folder, 'damaged'));
  await written(join(folder, 'damaged'), 'scorer.onnx', 'x');
  await expect(inspect(join(folder, 'damaged'), '')).rejects.toThrow('manifest.json is missing');
  await mkdir(join(folder, 'models/a'), { recursive: true });
  await written(join(folder, 'models/a'), 'manifest.json', '{}');
  await expect(inspect(join(folder, 'models'), '')).rejects.toThrow(
    /models holds bundles: inspect \S+models\/a$/,
  );
});

test('a long text in the data makes no long warning', async ({ folder }) => {
  const long = 'x'.repeat(100_000);
  const table = lines('a,b,kind', 300, (i) => `${i % 17},${i % 13},${i % 50 ? 'usual' : long}`);
  const source = await openSource(await written(folder, 'long.csv', table), {});
  const [warning] = findWarnings(source);
  expect(warning).toContain('--label "kind" --anomalous "xxx');
  expect(warning.length).toBeLessThan(500);
  await source.close();
});

test('the columns are shown with what is made of them', async ({ folder }) => {
  const source = await openSource(await written(folder, 'sensors.csv', TABLE), { label: 'fault' });
  const table = formatColumns(source).map((line) => line.trim().split(/ {2,}/));
  expect(table[0]).toEqual(['column', 'kind', 'treatment', 'missing', 'examples']);
  expect(table[1].slice(0, 3)).toEqual(['temperature', 'number', 'standard']);
  expect(table[1][3]).toMatch(/^[\d.]+%$/);
  expect(table[2].slice(0, 3)).toEqual(['site', 'category', '2 categories, one-hot']);
  expect(table[3]).toEqual(['fault', 'label', 'anomalous: yes', 'no, yes']);
  expect(table[4]).toEqual(['id', 'left out', 'an id by its name']);
  expect(formatColumns(source, 1)).toHaveLength(3);
  expect(formatColumns(source, 1)[2]).toBe('  … and 3 more columns; npx offmanifold inspect lists all');
  await source.close();
});
