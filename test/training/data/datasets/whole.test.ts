import { join } from 'node:path';
import { expect } from 'vitest';
import { parseRecord } from '../../../../bundle/column-parsing.ts';
import { openFolder } from '../../../../bundle/node/folder.ts';
import { autoencoder, train } from '../../../../training/index.ts';
import { Scorer } from '../../../../training/scorer/scorer.ts';
import { lines, readTable, written } from '../tables/tables.ts';
import { test } from '../temporary.ts';

const CITIES = ['Oslo', 'Rome', 'Lima'];

/** An order whose amount follows from its weight; one in twenty lacks it. */
const order = (i: number, change = 0) => {
  const weight = 1 + ((i * 7919) % 997) / 100;
  return {
    weight,
    amount: i % 20 ? Math.round(100 * (20 * weight + (i % 7) + change)) / 100 : null,
    city: CITIES[i % 3],
    express: i % 2 === 0,
    at: new Date(1.7e12 + i * 3.7e6).toISOString(),
  };
};
const text = (row: ReturnType<typeof order>) =>
  Object.values(row)
    .map((value) => value ?? '')
    .join();

test('from a table to a bundle that scores records as they are, and strange ones higher', async ({
  folder,
}) => {
  const header = 'id,weight,amount,city,express,at,fraud';
  const path = await written(
    folder,
    'orders.csv',
    lines(header, 1200, (i) => `${i},${text(order(i))},${i % 60 ? 'no' : 'yes'}`),
  );
  const out = join(folder, 'orders');
  const manifest = await train(autoencoder({ epochs: 25, iterations: 250, seed: 2 }), path, { out });
  const { data, architecture } = manifest;
  expect([data.names, data.label]).toEqual([['weight', 'amount', 'city', 'express', 'at'], 'fraud']);
  expect(data.excluded).toEqual([{ name: 'id', why: 'an id by its name' }]);
  // weight; amount, and whether it is missing; three cities; express; of a date in order the time of day and the weekday.
  expect([data.features, data.encoded]).toEqual([5, 11]);
  expect(architecture.kind === 'dense' && architecture.widths[0]).toBe(11);
  if (data.scaling.kind !== 'columns') throw new Error('a table is scaled by columns');
  const { columns } = data.scaling;

  const scorer = await Scorer.load(await (await openFolder(out)).file('scorer.onnx'));
  const score = async (rows: Float32Array) =>
    await scorer.run(rows, rows.length / 5, ['score', 'p_value', 'feature_error']);
  const records = Array.from({ length: 60 }, (_, i) => order(3 * i + 1));
  const sent = new Float32Array(60 * 5);
  for (const [i, record] of records.entries()) expect(parseRecord(columns, record, sent, 5 * i)).toEqual([]);
  const read = new Float32Array(60 * 5);
  const again = await written(
    folder,
    'again.csv',
    lines('weight,amount,city,express,at', 60, (i) => text(records[i])),
  );
  await readTable(again, columns, (rows, _count, start) => read.set(rows, 5 * start));
  expect(read).toEqual(sent);
  const normal = await score(sent);

  const strange = sent.slice();
  for (const [i] of records.entries())
    parseRecord(columns, { ...order(3 * i + 1, i % 2 ? 150 : -150) }, strange, 5 * i);
  const off = await score(strange);
  const higher = off.score.filter((value, i) => value > normal.score[i]).length;
  expect(higher).toBeGreaterThan(50);

  const odd = new Float32Array(5).fill(Number.NaN);
  expect(parseRecord(columns, { weight: null, city: 'Atlantis', express: null, at: null }, odd)).toEqual([]);
  for (const values of Object.values(await score(odd))) expect(values.every(Number.isFinite)).toBe(true);
  await scorer.release();
});
