import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, vi } from 'vitest';
import { isMap } from '../../../bundle/files.ts';
import { decodeFrames, quantiseFrame } from '../../../bundle/frames.ts';
import { readMapTable } from '../../../bundle/map-table.ts';
import { openFolder, verifyAnyFolder } from '../../../bundle/node/folder.ts';
import { BundleWriter } from '../../../bundle/node/writer.ts';
import { Random } from '../../../kernels/random.ts';
import { mapFile } from '../../../training/commands/map-file.ts';
import { describePublicMap } from '../../../training/commands/public.ts';
import { openTable } from '../../../training/data/readers/open-table.ts';
import { measureVotes } from '../../../training/linear/vote.ts';
import { TEST_BUNDLE } from '../../support/paths.ts';
import { findNeighboursByDefinition, gaussianMixture } from '../../tsne/points.ts';
import { test } from '../data/temporary.ts';

const [n, d] = [150, 60];
const options = { metric: 'euclidean', iterations: 400, perplexity: 10 } as const;

/** Documents of three topics with embeddings, of very different lengths if `scaled`. */
async function writeDocuments(folder: string, scaled = false) {
  const { points, labels } = gaussianMixture(n, d, 3, 4);
  const random = new Random(2);
  const lines = Array.from({ length: n }, (_, i) => {
    const factor = scaled ? 10 ** (4 * random.uniform()) : 1;
    const embedding = Array.from(points.subarray(i * d, (i + 1) * d), (value) => value * factor);
    return JSON.stringify({ id: `d${i}`, topic: labels[i], embedding });
  });
  const file = join(folder, 'documents.ndjson');
  await writeFile(file, lines.join('\n'));
  return { file, labels };
}

async function readPlaces(path: string, axes = ['x', 'y']) {
  await using table = await openTable(path);
  const columns = ['id', ...axes].map((name) => table.columns.find((column) => column.name === name)!);
  const [ids, places]: [string[], number[]] = [[], []];
  for await (const { count, cells } of table.read(columns)) {
    for (let i = 0; i < count; i++) {
      ids.push(String(cells[0].value(i)));
      places.push(...axes.map((_, axis) => Number(cells[axis + 1].value(i))));
    }
  }
  return { ids, places: Float32Array.from(places) };
}

const accuracyOf = (places: Float32Array, labels: Uint8Array) =>
  measureVotes(findNeighboursByDefinition(places, n, 2, 5), labels, 5);

describe('a map of a file', () => {
  test.for(['map.csv', 'map.ndjson', 'map.parquet'])(
    'has a place for each row, in order: %s',
    async (name, { folder }) => {
      const { file, labels } = await writeDocuments(folder);
      const out = join(folder, name);
      await mapFile(file, { ...options, out });
      const { ids, places } = await readPlaces(out);
      expect(ids).toEqual(Array.from({ length: n }, (_, i) => `d${i}`));
      expect(accuracyOf(places, labels)).toBeGreaterThan(0.98);
    },
  );

  test('by angles puts vectors of very different lengths together', async ({ folder }) => {
    const { file, labels } = await writeDocuments(folder, true);
    const out = join(folder, 'map.csv');
    await mapFile(file, { ...options, out, metric: 'cosine' });
    expect(accuracyOf((await readPlaces(out)).places, labels)).toBeGreaterThan(0.98);
  });

  test('in space has z as well, and can have other degrees of freedom', async ({ folder }) => {
    const { file, labels } = await writeDocuments(folder);
    const out = join(folder, 'map.csv');
    await mapFile(file, { ...options, out, dims: 3, dof: 0.7 });
    const { places } = await readPlaces(out, ['x', 'y', 'z']);
    expect(measureVotes(findNeighboursByDefinition(places, n, 3, 5), labels, 5)).toBeGreaterThan(0.98);
  });

  test('is denser with late exaggeration, and stops when nothing moves', async ({ folder }) => {
    const { file } = await writeDocuments(folder);
    const out = join(folder, 'map.csv');
    const extent = async (more: Partial<Parameters<typeof mapFile>[1]>) => {
      await mapFile(file, { ...options, out, ...more });
      const { places } = await readPlaces(out);
      return Math.max(...places) - Math.min(...places);
    };
    const usual = await extent({});
    expect(await extent({ lateExaggeration: 8 })).toBeLessThan(0.6 * usual);
    expect(await extent({ iterations: 5000, tolerance: 0.9 })).toBeLessThan(usual);
  });

  test.for(['correlation', 'manhattan', 'hamming'] as const)(
    'by %s keeps topics together',
    async (metric, { folder }) => {
      // Topics are sets of flags, of which a tenth is wrong.
      const random = new Random(5);
      const topics = Array.from({ length: 3 }, () =>
        Array.from({ length: 40 }, () => Number(random.uniform() < 0.5)),
      );
      const rows = Array.from({ length: n }, (_, i) =>
        topics[i % 3].map((flag) => (random.uniform() < 0.1 ? 1 - flag : flag)),
      );
      const [file, out] = [join(folder, 'flags.ndjson'), join(folder, 'map.csv')];
      await writeFile(file, rows.map((flags, i) => JSON.stringify({ id: `d${i}`, flags })).join('\n'));
      await mapFile(file, { ...options, out, metric });
      const labels = Uint8Array.from({ length: n }, (_, i) => i % 3);
      expect(accuracyOf((await readPlaces(out)).places, labels)).toBeGreaterThan(0.98);
    },
  );

  test('is the same for any number of threads', async ({ folder }) => {
    const { file } = await writeDocuments(folder);
    const written = [1, 2].map(async (threads) => {
      const out = join(folder, `map-${threads}.csv`);
      await mapFile(file, { ...options, out, threads });
      return readFile(out, 'utf8');
    });
    const [one, two] = await Promise.all(written);
    expect(one).toBe(two);
  });

  test('of few rows has a smaller perplexity', async ({ folder }) => {
    const [file, out] = [join(folder, 'few.csv'), join(folder, 'map.csv')];
    await writeFile(file, 'a,b\n1,2\n3,4\n5,7\n8,8\n1,1\n');
    await mapFile(file, { metric: 'euclidean', iterations: 300, out });
    expect((await readFile(out, 'utf8')).trim().split('\n')).toHaveLength(6);
  });

  test('in a folder is a bundle without a model', async ({ folder }) => {
    const { file, labels } = await writeDocuments(folder);
    const [out, table] = [join(folder, 'documents'), join(folder, 'map.parquet')];
    const brief = { ...options, iterations: 50 };
    await mapFile(file, { ...brief, out });
    await mapFile(file, { ...brief, out: table });
    const bundle = await verifyAnyFolder(out);
    if (!isMap(bundle)) throw new Error('expected a map');
    const { data, map } = bundle.manifest;
    expect(data).toEqual({ name: 'documents.ndjson', width: d, metric: 'euclidean' });
    expect(map.points).toBe(n);
    expect(describePublicMap(bundle.manifest)).toEqual([
      'map.parquet: the rows of documents.ndjson without their vectors, and where they are',
      'neighbours-0.bin: which of the rows are most alike',
      'map-frames.bin: where these rows were on the way to their places',
    ]);
    expect(Buffer.from(await bundle.file('map.parquet'))).toEqual(await readFile(table));
    // The first neighbour that is kept of each row is of its topic, as the vectors are far apart.
    const nearest = new Uint32Array((await bundle.file(map.neighbours!.files[0])).slice().buffer);
    const first = Array.from({ length: n }, (_, i) => labels[nearest[i * map.neighbours!.k]]);
    expect(first).toEqual([...labels]);
    await expect(openFolder(out)).rejects.toThrow('is that of a map without a model');
    await expect(BundleWriter.open(out)).rejects.toThrow(
      'holds a map without a model: it is not overwritten',
    );
    await expect(mapFile(file, { ...brief, out, dims: 3 })).rejects.toThrow('a bundle has a map with 2 axes');
    await expect(mapFile(file, { ...brief, out: TEST_BUNDLE })).rejects.toThrow('holds a model: it is not');
  });

  test('in a folder can be replayed', async ({ folder }) => {
    const { file } = await writeDocuments(folder);
    const out = join(folder, 'documents');
    await mapFile(file, { ...options, out, frames: 12 });
    const bundle = await verifyAnyFolder(out);
    expect(bundle.manifest.map.frames).toBe(12);
    const frames = await decodeFrames(await bundle.file('map-frames.bin'), n);
    expect(frames.map(({ iteration }) => iteration)).toEqual(Array.from({ length: 12 }, (_, f) => 34 * f));
    // The map grows, and at the end hardly moves.
    const { x, y } = await readMapTable(await bundle.file('map.parquet'));
    const end = quantiseFrame(x, y, options.iterations);
    expect(frames[1]!.extent).toBeLessThan(0.2 * end.extent);
    const moves = frames.at(-1)!.places.map((level, p) => Math.abs(level - end.places[p]!));
    expect(moves.reduce((a, b) => a + b) / moves.length).toBeLessThan(10);
    await mapFile(file, { ...options, out, frames: 0 });
    const still = await verifyAnyFolder(out);
    expect(still.manifest.map.frames).toBeUndefined();
    expect(still.manifest.files.map(({ name }) => name)).not.toContain('map-frames.bin');
    await expect(mapFile(file, { ...options, out: join(folder, 'map.csv'), frames: 5 })).rejects.toThrow(
      'map.csv is a file: leave --frames out, or name a folder with --out',
    );
    await expect(mapFile(file, { ...options, out, frames: 1e6 })).rejects.toThrow(
      'frames is 1000000: a map of',
    );
    await expect(mapFile(file, { ...options, out, frames: 401 })).rejects.toThrow(
      'frames is 401: a map that is made in 400 iterations has as many frames at most',
    );
  });

  test('in a folder says how it was made', async ({ folder }) => {
    const { file } = await writeDocuments(folder);
    const out = join(folder, 'documents');
    const chosen = { dof: 0.7, exaggeration: 8, lateExaggeration: 2, tolerance: 0.9 };
    const lines = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    await mapFile(file, { ...options, ...chosen, out, iterations: 5000 });
    expect(lines.mock.calls.join()).toContain('nothing moved any more after 300 of 5000 iterations');
    lines.mockRestore();
    const { manifest } = await verifyAnyFolder(out);
    expect(manifest.map).toMatchObject({
      perplexity: 10,
      dof: 0.7,
      exaggeration: 8,
      late_exaggeration: 2,
      tolerance: 0.9,
    });
    // Nothing moves by nine tenths of the map, so it stops at the first look after the 250 early iterations.
    expect(manifest.map.iterations).toBe(300);
  });

  const refusals = [
    ['a,b\n1,2\n3,4\n5,6\n', {}, 'a map needs at least 4 rows, the file has 3'],
    ['a\n1\n2\n3\n4\n5\n', { perplexity: 9 }, 'perplexity is 9'],
    [
      'a,b\n1,2\n0,0\n5,6\n7,8\n',
      { metric: 'cosine', perplexity: 1 },
      'row 2 has only zeros, and so no direction',
    ],
    [
      'a,b\n1,2\n3,4\n5,6\n7,8\n',
      { columns: ['a', 'b'], exclude: ['b'] },
      '--columns and --exclude both name b',
    ],
    ['e,x\n"[1]",p\n"[2]",q\n"[3]",r\n"[4]",s\n', {}, 'leave x out with --exclude x'],
  ] as const;
  test.for(refusals)('is refused: %s', async ([text, flags, message], { folder }) => {
    const [file, out] = [join(folder, 'rows.csv'), join(folder, 'map.csv')];
    await writeFile(file, text);
    await expect(mapFile(file, { ...options, out, ...flags })).rejects.toThrow(message);
    await expect(readFile(out)).rejects.toThrow('ENOENT');
  });

  test('does not overwrite its input', async ({ folder }) => {
    const { file } = await writeDocuments(folder);
    await expect(mapFile(file, { ...options, out: file })).rejects.toThrow('is also the input');
  });
});
