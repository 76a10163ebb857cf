import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, vi } from 'vitest';
import { mapFile } from '../../../training/commands/map-file.ts';
import { mapInto } from '../../../training/commands/map-into.ts';
import { readVectors } from '../../../training/data/input/vectors.ts';
import { gaussianMixture } from '../../tsne/points.ts';
import { test } from '../data/temporary.ts';

const [n, m, d] = [240, 30, 60];
const { points, labels } = gaussianMixture(n + m, d, 3, 4);

/** Writes some of the points as rows of a table, with an id. */
async function writeRows(
  folder: string,
  name: string,
  first: number,
  end: number,
  width = d,
): Promise<string> {
  const rows = Array.from({ length: end - first }, (_, i) => {
    const vector = Array.from(points.subarray((first + i) * d, (first + i) * d + width));
    return JSON.stringify({ id: `d${first + i}`, vector });
  });
  const path = join(folder, name);
  await writeFile(path, rows.join('\n'));
  return path;
}

describe('new rows on the map of others', () => {
  test.for([
    { metric: 'euclidean', dims: 2 },
    { metric: 'cosine', dims: 3 },
    { metric: 'manhattan', dims: 2 },
  ] as const)('lie in their clusters, whatever comes with them: %o', async (given, { folder }) => {
    const axes = given.dims === 3 ? ['x', 'y', 'z'] : ['x', 'y'];
    const of = await writeRows(folder, 'old.ndjson', 0, n);
    const fresh = await writeRows(folder, 'new.ndjson', n, n + m);
    const [into, out, alone] = ['map.parquet', 'new.csv', 'alone.csv'].map((name) => join(folder, name));
    const options = { ...given, perplexity: 10 };
    await mapFile(of, { ...options, iterations: 400, out: into });
    await mapInto(fresh, { ...options, into, of, out });
    const [map, placed] = [
      await readVectors(into, { columns: axes }),
      await readVectors(out, { columns: axes }),
    ];
    expect(placed.n).toBe(m);
    for (let i = 0; i < m; i++) {
      const away = (j: number) =>
        axes.reduce(
          (sum, _, axis) =>
            sum + (map.values[given.dims * j + axis] - placed.values[given.dims * i + axis]) ** 2,
          0,
        );
      const nearest = Array.from({ length: n }, (_, j) => j).reduce((a, b) => (away(b) < away(a) ? b : a));
      expect(labels[nearest]).toBe(labels[n + i]);
    }
    const last = await writeRows(folder, 'last.ndjson', n + m - 1, n + m);
    await mapInto(last, { ...options, into, of, out: alone });
    const [row] = [await readVectors(alone, { columns: axes })];
    expect(row.values).toEqual(placed.values.slice(-given.dims));
    // The map says how it was made; a CSV file does not.
    await mapInto(last, { into, of, out: alone, perplexity: 10 });
    expect((await readVectors(alone, { columns: axes })).values).toEqual(row.values);
    await expect(mapInto(fresh, { ...options, metric: 'hamming', into, of, out })).rejects.toThrow(
      `--metric is hamming, but ${into} was made with ${given.metric}: give the same, or leave it out`,
    );
    await expect(mapInto(fresh, { ...options, dof: 0.5, into, of, out })).rejects.toThrow('was made with 1');
    if (given.dims === 3) {
      await expect(mapInto(fresh, { ...options, dims: 2, into, of, out })).rejects.toThrow('made with 3');
      const text = join(folder, 'map.csv');
      await writeFile(text, `x,y,z\n${'1,2,3\n'.repeat(n)}`);
      await expect(mapInto(fresh, { into: text, of, out: alone })).rejects.toThrow('give --dims 3');
    }
  });

  test('are refused if the files do not fit', async ({ folder }) => {
    const of = await writeRows(folder, 'old.ndjson', 0, 20);
    const into = join(folder, 'map.csv');
    await writeFile(into, `x,y\n${Array.from({ length: 20 }, (_, i) => `${i},1`).join('\n')}\n`);
    const options = { metric: 'euclidean', into, of, out: join(folder, 'out.csv') } as const;
    const short = await writeRows(folder, 'short.ndjson', 20, 25, d - 1);
    await expect(mapInto(short, options)).rejects.toThrow(`${short} has vectors of 59 numbers, ${of} of 60`);
    const fresh = await writeRows(folder, 'new.ndjson', 20, 25);
    const fewer = await writeRows(folder, 'fewer.ndjson', 0, 19);
    await expect(mapInto(fresh, { ...options, of: fewer })).rejects.toThrow(
      `${into} has 20 rows, ${fewer} 19: expected the vectors that the map was made of, in its order`,
    );
    await expect(mapInto(fresh, { ...options, perplexity: 7 })).rejects.toThrow(
      'perplexity is 7: a map of 20 points takes new ones with a perplexity from 1 to 6',
    );
    await expect(mapInto(fresh, { ...options, dims: 3 })).rejects.toThrow('z');
    await expect(mapInto(fresh, { ...options, into: folder })).rejects.toThrow(
      `${folder} is a folder: --into takes the table of a map, such as map.parquet`,
    );
    await writeFile(join(folder, 'map.parquet'), '');
    await expect(mapInto(fresh, { ...options, into: folder })).rejects.toThrow(
      `such as ${folder}/map.parquet`,
    );
    await expect(mapInto(fresh, { ...options, into: join(folder, 'none') })).rejects.toThrow(
      '--into takes a map that this command wrote, a table',
    );
  });

  test('have their columns in any order, beside others', async ({ folder }) => {
    const write = async (name: string, columns: readonly string[]) => {
      const row = (i: number) =>
        columns.map((column) => (column === 'more' ? i % 3 : points[i * d + Number(column[1])]));
      const path = join(folder, name);
      await writeFile(path, [columns, ...Array.from({ length: n }, (_, i) => row(i))].join('\n'));
      return path;
    };
    const of = await write('of.csv', ['c0', 'c1', 'c2']);
    const into = join(folder, 'map.csv');
    await writeFile(
      into,
      `x,y\n${Array.from({ length: n }, (_, i) => `${points[i * d]},${points[i * d + 1]}`).join('\n')}\n`,
    );
    const place = async (file: string) => {
      const out = join(folder, 'out.csv');
      await mapInto(file, { into, of, out, perplexity: 10 });
      return (await readVectors(out, { columns: ['x', 'y'] })).values;
    };
    const places = await place(of);
    expect(await place(await write('other.csv', ['c2', 'more', 'c0', 'c1']))).toEqual(places);
    await expect(place(await write('short.csv', ['c0', 'c2', 'more']))).rejects.toThrow(
      'short.csv: the map was made of c1, which is no column of numbers here: the file has c0, c2, more',
    );
  });

  test('are told that uniform affinities of the map are not for them', async ({ folder }) => {
    const of = await writeRows(folder, 'old.ndjson', 0, 40);
    const fresh = await writeRows(folder, 'new.ndjson', 40, 45);
    const [into, out] = ['map.parquet', 'new.csv'].map((name) => join(folder, name));
    await mapFile(of, { metric: 'cosine', affinities: 'uniform', iterations: 50, out: into });
    const lines = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    await mapInto(fresh, { into, of, out });
    expect(lines.mock.calls.join()).toContain(
      'was made with uniform affinities: new points are placed with a perplexity of 13',
    );
    lines.mockRestore();
  });
});
