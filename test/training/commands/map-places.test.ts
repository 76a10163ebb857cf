import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, vi } from 'vitest';
import { writePlaces } from '../../../training/commands/map-places.ts';
import { TextFileWriter } from '../../../training/data/output/text-file.ts';
import { test } from '../data/temporary.ts';

test('the rows of a map are written in slices, in order, so that no text outgrows a string', async ({
  folder,
}) => {
  const n = 2500;
  const out = join(folder, 'map.csv');
  const cells = Array.from({ length: n }, (_, i) => `d${i}`);
  const places = Float32Array.from({ length: 2 * n }, (_, p) => p);
  const write = vi.spyOn(TextFileWriter.prototype, 'write');
  const names = await writePlaces(
    out,
    {
      values: new Float32Array(n),
      n,
      d: 1,
      names: ['x'],
      from: 'x',
      notes: [],
      ids: [],
      carried: [{ column: { name: 'id', type: 'text' }, cells }],
    },
    places,
    { metric: 'euclidean', dims: 2, dof: 1, affinities: 'gaussian' },
  );
  expect(names).toEqual(['id', 'x', 'y']);
  expect(await readFile(out, 'utf8')).toBe(
    ['id,x,y', ...cells.map((id, i) => `${id},${2 * i},${2 * i + 1}`), ''].join('\n'),
  );
  expect(Math.max(...write.mock.calls.map(([, count]) => count))).toBeLessThanOrEqual(1024);
});
