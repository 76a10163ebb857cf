import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { columnOfFeature, encodedNames, encodedWidth } from '../../../bundle/column-encoding.ts';
import type { TableColumn } from '../../../bundle/column-schema.ts';
import { Random } from '../../../kernels/random.ts';
import { Encoder } from '../../../training/autoencoder/encoder.ts';
import { buildReconstructionGraph } from '../../../training/autoencoder/export.ts';
import { buildTrainingStep } from '../../../training/autoencoder/objective.ts';
import { serialise } from '../../../training/onnx/serialise.ts';
import { Scorer } from '../../../training/scorer/scorer.ts';
import { runModel } from '../onnx/run.ts';
import { drawWeights, resolveModel } from './models.ts';

const share = fc.constantFrom(0, 0.001, 0.2, 0.7);
const name = fc.string({ minLength: 1, maxLength: 4 });
const some = (min: number, max: number) => fc.double({ min, max, noNaN: true }).map(Math.fround);

const number = fc
  .record({
    name,
    missing_share: share,
    scaling: fc.constantFrom('standard', 'robust', 'quantile'),
    center: some(-100, 100),
    scale: some(0.01, 100),
    steps: fc.array(some(0.01, 5), { minLength: 1, maxLength: 8 }),
    missing: some(-100, 100),
  })
  .map(({ steps, ...column }): TableColumn => {
    const quantile = column.scaling === 'quantile';
    let [x, y] = [column.center, -3];
    const knots = [{ x, y }];
    for (const [i, step] of steps.entries()) {
      x += step;
      y += 0.1 + step / (i + 1);
      knots.push({ x, y });
    }
    return {
      kind: 'number',
      ...column,
      scaling: column.scaling as 'standard',
      knots: quantile ? knots.map((knot) => knot.x) : [],
      scores: quantile ? knots.map((knot) => knot.y) : [],
    };
  });

const flag = fc
  .record({
    name,
    missing_share: share,
    share: fc.double({ min: 0, max: 1, noNaN: true }),
    missing: fc.constantFrom(0, 1),
  })
  .map(
    (column): TableColumn => ({
      kind: 'flag',
      ...column,
      missing: column.missing as 0,
      words: ['no', 'yes'],
    }),
  );

const category = fc
  .record({
    name,
    missing_share: share,
    counts: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 20 }),
  })
  .map(({ counts, ...column }): TableColumn => {
    const sorted = counts.toSorted((a, b) => b - a);
    const sum = sorted.reduce((a, b) => a + b);
    return {
      kind: 'category',
      ...column,
      categories: sorted.map((_, i) => `c${i}`),
      frequencies: sorted.map((count) => (count / sum) * (1 - column.missing_share)),
      encoding: counts.length > 10 ? 'frequency' : 'one_hot',
    };
  });

const date = fc
  .record({
    name,
    missing_share: share,
    origin: fc.integer({ min: -5000, max: 20_000 }),
    center: some(-100, 100),
    scale: some(0.1, 500),
    time: fc.boolean(),
    weekday: fc.boolean(),
    clock: fc.boolean(),
    missing: some(-100, 100),
  })
  .map((column): TableColumn => ({ kind: 'date', ...column }));

const columnsOf = fc.array(fc.oneof(number, flag, category, date), { minLength: 1, maxLength: 7 });

/** Draws a value of a column, now and then missing or unknown. */
function drawValue(column: TableColumn, random: Random): number {
  if (random.uniform() < 0.2) return Number.NaN;
  if (column.kind === 'flag') return random.below(2);
  if (column.kind === 'category') return random.below(column.categories.length + 1) - 1;
  if (column.kind === 'date') return Math.round(1000 * random.normal()) + random.below(24) / 24;
  return column.center + 3 * column.scale * random.normal();
}

/** What the model sees for a value: the definition, case by case. */
function encodeValue(column: TableColumn, raw: number): number[] {
  const missing = Number.isNaN(raw);
  const { missing_share: m } = column;
  const spread = (p: number) => Math.sqrt(Math.max(p * (1 - p), 0.025));
  const marked = m > 0 ? [(Number(missing) - m) / 0.5] : [];
  if (column.kind === 'flag') {
    return [((missing ? column.missing : raw) - column.share) / spread(column.share), ...marked];
  }
  if (column.kind === 'category') {
    const { frequencies: f } = column;
    if (column.encoding === 'frequency') {
      const mean = f.reduce((sum, p) => sum + p ** 2, 0);
      const variance = f.reduce((sum, p) => sum + p * p ** 2, 0) - mean ** 2;
      const own = missing && m > 0 ? 0 : missing || raw < 0 ? mean : f[raw];
      return [(own - mean) / (variance > 1e-12 ? Math.sqrt(variance) : Math.max(mean, 1e-6)), ...marked];
    }
    const gini = 1 - [...f, m].reduce((sum, p) => sum + p ** 2, 0);
    const unit = 1 / Math.sqrt(Math.max(gini, 0.05));
    const unknown = raw < 0 || (missing && m === 0);
    const known = f.reduce((sum, p) => sum + p, 0);
    const all = f.map((p, i) => (unknown ? (unit * p) / known : raw === i ? unit : 0));
    return m > 0 ? [...all, missing ? unit : 0] : all;
  }
  const x = missing ? column.missing : raw;
  if (column.kind === 'date') {
    const at = new Date(Math.round((Math.floor(Math.fround(x)) + column.origin) * 86_400_000));
    const angles = [
      ...(column.time ? [2 * Math.PI * (Math.fround(x) - Math.floor(Math.fround(x)))] : []),
      // Days are counted from a Thursday.
      ...(column.weekday ? [(2 * Math.PI * ((at.getUTCDay() + 3) % 7)) / 7] : []),
    ];
    return [
      ...(column.clock && angles.length > 0 ? [] : [within((x - column.center) / column.scale)]),
      ...angles.flatMap((a) => [Math.sin(a), Math.cos(a)]),
      ...marked,
    ];
  }
  if (column.scaling !== 'quantile') return [within((x - column.center) / column.scale), ...marked];
  const { knots, scores } = column;
  const last = knots.length - 1;
  const middle = Math.floor(last / 2);
  const line = (a: number, b: number) =>
    scores[a] + ((x - knots[a]) * (scores[b] - scores[a])) / (knots[b] - knots[a]);
  let y = Number.NaN;
  if (x < knots[0]) y = line(0, Math.max(1, middle));
  else if (x >= knots[last]) {
    const from = Math.min(last - 1, middle);
    y = scores[last] + ((x - knots[last]) * (scores[last] - scores[from])) / (knots[last] - knots[from]);
  } else for (let k = 0; k < last; k++) if (x >= knots[k] && x < knots[k + 1]) y = line(k, k + 1);
  return [within(y), ...marked];
}

/** Values beyond 30 deviations count as 30. */
const within = (x: number) => Math.max(-30, Math.min(30, x));

const rowsOf = (columns: readonly TableColumn[], count: number, seed: number) => {
  const random = new Random(seed);
  return Float32Array.from(
    Array.from({ length: count }, () => columns.map((column) => drawValue(column, random))).flat(),
  );
};

/** Equal within a few units in the last place. */
const near = (found: number, expected: number) =>
  Math.abs(found - expected) <= 2e-3 * Math.max(1, Math.abs(expected));

describe('the graph in front of every model', () => {
  test('agrees with its definition, for any columns and rows, and is never NaN', async () => {
    await fc.assert(
      fc.asyncProperty(columnsOf, fc.nat(1e6), async (columns, seed) => {
        const rows = rowsOf(columns, 5, seed);
        const encoder = new Encoder(columns.length, { kind: 'columns', columns });
        const found = await encoder.encode(rows);
        const back = await encoder.decode(found);
        await encoder.release();
        const expected = Array.from({ length: 5 }, (_, i) =>
          columns.flatMap((column, j) => encodeValue(column, rows[i * columns.length + j])),
        ).flat();
        expect(found.length).toBe(expected.length);
        expect(expected.length).toBe(5 * encodedWidth(columns));
        for (const [p, value] of found.entries()) {
          expect(near(value, expected[p]), `${p}: ${value}, not ${expected[p]}`).toBe(true);
        }
        expect(back.every(Number.isFinite)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  test('its reverse restores the raw values that were not missing', async () => {
    await fc.assert(
      fc.asyncProperty(columnsOf, fc.nat(1e6), async (columns, seed) => {
        const rows = rowsOf(columns, 5, seed);
        const encoder = new Encoder(columns.length, { kind: 'columns', columns });
        const back = await encoder.decode(await encoder.encode(rows));
        await encoder.release();
        for (const [p, raw] of rows.entries()) {
          const column = columns[p % columns.length];
          if (Number.isNaN(raw)) continue;
          if (column.kind === 'category') {
            if (raw < 0) continue;
            // Equally frequent categories look the same.
            if (column.encoding === 'frequency') {
              expect(column.frequencies[back[p]]).toBeCloseTo(column.frequencies[raw], 5);
            } else expect(back[p]).toBe(raw);
          } else if (column.kind === 'date' && column.clock && (column.time || column.weekday)) {
            expect(back[p]).toBeCloseTo(column.center, 3);
          } else if (column.kind === 'flag' || Math.abs(encodeValue(column, raw)[0]) < 30) {
            const size =
              column.kind === 'flag'
                ? 1
                : Math.abs(raw) + 100 * (column.kind === 'number' ? column.scale : 1);
            expect(Math.abs(back[p] - raw)).toBeLessThan(1e-4 * size + 1e-3);
          }
        }
      }),
      { numRuns: 40 },
    );
  });

  test('a category index out of range is unknown', async () => {
    const columns: TableColumn[] = ['one_hot', 'frequency'].map((encoding) => ({
      kind: 'category',
      name: encoding,
      missing_share: 0,
      categories: ['a', 'b'],
      frequencies: [0.75, 0.25],
      encoding: encoding as 'one_hot',
    }));
    const encoder = new Encoder(2, { kind: 'columns', columns });
    const rows = [-1, -1e9, 2, 1e9, Number.NaN].flatMap((raw) => [raw, raw]);
    const found = await encoder.encode(Float32Array.from(rows));
    await encoder.release();
    for (let i = 0; i < 5; i++) expect(found.slice(3 * i, 3 * i + 3)).toEqual(found.slice(0, 3));
    // The mean of the known categories, in units of √(1 − Σp²).
    const unit = 1 / Math.sqrt(1 - 0.75 ** 2 - 0.25 ** 2);
    for (const [j, p] of [0.75, 0.25].entries()) expect(found[j]).toBeCloseTo(unit * p, 6);
    expect(found[2]).toBeCloseTo(0, 6);
  });
});

const columns: TableColumn[] = [
  {
    kind: 'number',
    name: 'age',
    missing_share: 0.1,
    scaling: 'standard',
    center: 40,
    scale: 12,
    knots: [],
    scores: [],
    missing: 38,
  },
  {
    kind: 'category',
    name: 'city',
    missing_share: 0.25,
    categories: ['Oslo', 'Rome'],
    frequencies: [0.5, 0.25],
    encoding: 'one_hot',
  },
  { kind: 'flag', name: 'member', missing_share: 0, words: ['no', 'yes'], share: 0.5, missing: 1 },
];

test('every encoded feature has a name and a column', () => {
  expect(encodedNames(columns)).toEqual([
    'age',
    'age: missing',
    'city: Oslo',
    'city: Rome',
    'city: missing',
    'member',
  ]);
  expect(Array.from(columnOfFeature(columns))).toEqual([0, 0, 1, 1, 1, 2]);
});

test('the scorer takes raw rows, sums errors by column, and is never NaN', async () => {
  const { model, training } = resolveModel({ widths: [8], code: 2 }, { shape: [6], scaling: 'columns' });
  const scaling = { kind: 'columns', columns } as const;
  const weights = drawWeights(model, 3);
  const scorer = await Scorer.load(
    buildReconstructionGraph({ model, weights, training, scaling: { ...scaling, columns: [...columns] } }),
  );
  const rows = rowsOf(columns, 50, 4);
  const found = await scorer.run(rows, 50, ['score', 'feature_error', 'reconstruction', 'code']);
  await scorer.release();
  expect(found.feature_error.length).toBe(150);
  expect(found.reconstruction.length).toBe(150);
  for (const values of Object.values(found)) expect(values.every(Number.isFinite)).toBe(true);
  for (let i = 0; i < 50; i++) {
    const sum = found.feature_error.slice(3 * i, 3 * i + 3).reduce((a, b) => a + b);
    expect(found.score[i]).toBeCloseTo(sum / 6, 4);
  }
});

test('the training step takes raw rows, and has finite gradients', async () => {
  const { model, training } = resolveModel({ widths: [8], code: 2 }, { shape: [6], scaling: 'columns' });
  const { graph } = buildTrainingStep(model, training, { kind: 'columns', columns });
  const weights = drawWeights(model, 3);
  const parameters = model.parameters.map(({ name, shape }) => [name, { data: weights.get(name)!, shape }]);
  const x = { data: rowsOf(columns, 20, 5), shape: [20, 3] };
  const found = await runModel(serialise(graph, 'step'), { x, ...Object.fromEntries(parameters) });
  expect(Object.keys(found)).toContain('loss');
  for (const { data } of Object.values(found))
    expect((data as Float32Array).every(Number.isFinite)).toBe(true);
});
