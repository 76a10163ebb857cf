import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { score } from '../../../training/commands/score.ts';
import { ROOT } from '../../support/paths.ts';
import { written } from '../data/tables/tables.ts';
import { test } from '../data/temporary.ts';
import { FLAGS } from './scored.ts';
import { HEADER, sensorRows, useSensors } from './sensors.ts';

const sensors = useSensors();

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
