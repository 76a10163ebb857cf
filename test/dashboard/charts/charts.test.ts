import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { calibrationChart } from '../../../dashboard/charts/calibration.ts';
import { type Chart, logTicks } from '../../../dashboard/charts/chart.ts';
import { classifiersChart, viewOf } from '../../../dashboard/charts/classifiers.ts';
import { codeSizesChart } from '../../../dashboard/charts/code-sizes.ts';
import { confusionChart } from '../../../dashboard/charts/confusion.ts';
import { denoisingChart } from '../../../dashboard/charts/denoising.ts';
import { detectorsChart, listAnomalyKinds } from '../../../dashboard/charts/detectors.ts';
import { dimensionChart } from '../../../dashboard/charts/dimension.ts';
import { divergenceChart } from '../../../dashboard/charts/divergence.ts';
import { driftChart } from '../../../dashboard/charts/drift.ts';
import { lossChart } from '../../../dashboard/charts/loss.ts';
import { mapInputsChart } from '../../../dashboard/charts/map-inputs.ts';
import { MEASURES, randomImagesChart } from '../../../dashboard/charts/random-images.ts';
import { reconstructionChart } from '../../../dashboard/charts/reconstruction.ts';
import { rocChart } from '../../../dashboard/charts/roc.ts';
import { scoresChart } from '../../../dashboard/charts/scores.ts';
import { sparsityChart } from '../../../dashboard/charts/sparsity.ts';
import { splitsChart } from '../../../dashboard/charts/splits.ts';
import { timeAlarmsChart } from '../../../dashboard/charts/time-alarms.ts';
import { timeScoresChart } from '../../../dashboard/charts/time-scores.ts';
import { tornMapChart } from '../../../dashboard/charts/torn-map.ts';
import type { Timeline } from '../../../dashboard/data/timeline.ts';
import { digits, report, rows, studies } from './reports.ts';

const scorer = {
  calibration_count: 999,
  detectors: [
    { name: 'knn:code', title: 'neighbours', family: 'neighbours' },
    { name: 'reconstruction:difference', title: 'reconstruction error', family: 'reconstruction' },
  ],
};
const { detection } = report;

const period = { end: new Date('2026-01-02'), rows: 20, median: 0.8, high: 4, tested: 4 };
const timeline: Timeline = {
  length: '1 day',
  periods: [
    { ...period, start: new Date('2026-01-01'), flagged: 0, alarms: 0 },
    { ...period, start: new Date('2026-01-02'), high: 7, flagged: 1, alarms: 5 },
  ],
};

/** Every chart, by the name of its file. */
const CHARTS: Record<string, Chart> = {
  calibration: calibrationChart(report, { scorer }, digits),
  classifiers: classifiersChart(studies),
  'code-sizes': codeSizesChart(studies),
  confusion: confusionChart(studies.classifiers[0]!, ['0', '1']),
  denoising: denoisingChart(studies),
  detectors: detectorsChart(listAnomalyKinds(report), { scorer }),
  dimension: dimensionChart(studies),
  divergence: divergenceChart(report, { map: { perplexity: 30 } }),
  drift: driftChart(
    [
      { name: 'load', distance: 0.3, chance: 0.1, earlier: '1.0', later: '2.0' },
      { name: 'site', distance: 0.05, chance: 0.1, earlier: '20%', later: '25%', category: 'hill' },
    ],
    'time',
  ),
  loss: lossChart(report, digits),
  'random-images': randomImagesChart(studies, 'distance'),
  reconstruction: reconstructionChart(report, digits),
  roc: rocChart(report, digits),
  scores: scoresChart(report, { scorer }, 'noise', 0.01, digits),
  sparsity: sparsityChart(studies),
  splits: splitsChart(studies, ['0', '1']),
  'torn-map': tornMapChart(studies.map.torn!, ['0', '1']),
  'map-inputs': mapInputsChart(studies.map.inputs!, ['0', '1']),
  'time-alarms': timeAlarmsChart(timeline, 'time', 0.01, rows),
  'time-scores': timeScoresChart(timeline, 'time', rows),
};

describe.each(Object.entries(CHARTS))('the chart of %s', (_, chart) => {
  test('has a heading for every column of its table', () => {
    for (const row of chart.table.rows) expect(row.length).toBe(chart.table.columns.length);
    expect(chart.table.rows.length).toBeGreaterThan(0);
  });

  test('has words without a hole in them', () => {
    for (const text of [chart.title, chart.explanation, chart.alternative]) {
      expect(text).not.toMatch(/undefined|NaN|Infinity|\[object/);
    }
  });

  test('has a legend in which no two entries look or sound the same', () => {
    expect(new Set(chart.series.map(({ name }) => name)).size).toBe(chart.series.length);
    expect(new Set(chart.series.map(({ colour }) => colour)).size).toBe(chart.series.length);
  });

  test('can be drawn on a phone and on a wide screen', () => {
    for (const width of [280, 1200]) {
      const { width: drawn, height, marks } = chart.options(width);
      expect(drawn).toBe(width);
      expect(height).toBeGreaterThanOrEqual(230);
      expect(marks!.length).toBeGreaterThan(0);
    }
  });
});

test('the ticks of a logarithmic axis are all round numbers between its ends, and no others', () => {
  expect(logTicks(1, 100, [1])).toEqual([1, 10, 100]);
  fc.assert(
    fc.property(
      fc.double({ min: 1e-6, max: 1e5, noNaN: true }),
      fc.double({ min: 1, max: 1e4, noNaN: true }),
      fc.subarray([1, 2, 5], { minLength: 1 }),
      (low, ratio, steps) => {
        const high = low * ratio;
        const wanted: number[] = [];
        for (let exponent = -8; exponent <= 10; exponent++) {
          for (const step of steps) {
            const tick = Number(`${step}e${exponent}`);
            if (tick >= low && tick <= high) wanted.push(tick);
          }
        }
        expect(logTicks(low, high, steps)).toEqual(wanted);
      },
    ),
  );
});

test('the calibration shows levels and shares as they are in the report', () => {
  expect(CHARTS.calibration!.table.rows).toEqual([
    [0.001, 9, 0],
    [0.01, 5, 0.012],
    [0.1, 3, 0.09],
  ]);
  expect(CHARTS.calibration!.explanation).toContain("an image's score among 999 calibration images");
});

test('the best classifier is named, with what it is given', () => {
  expect(studies.classifiers.map(viewOf)).toEqual(['pixels', 'code-64']);
  expect(CHARTS.classifiers!.alternative).toContain('nearest neighbours on code-64, which gets 0% wrong');
  expect(CHARTS.classifiers!.table.rows).toEqual([
    ['softmax regression', 'pixels', 0.9, 7850, 31.4, 1.5, 0.1],
    ['nearest neighbours', 'code-64', 1, 0, 0.123, 0, 2],
  ]);
});

test('the code whose autoencoder is furthest ahead of PCA is named, by ratio and not by difference', () => {
  expect(CHARTS['code-sizes']!.explanation).toContain('largest with 8 numbers');
});

test('the most frequent mistake is one off the diagonal', () => {
  expect(CHARTS.confusion!.alternative).toContain('1 predicted as 0, 12 times');
});

test('corruptions have their names in words', () => {
  expect(CHARTS.denoising!.table.rows).toEqual([['salt and pepper', 0.3, 8, 18.04, 14, 20]]);
  expect(CHARTS.denoising!.alternative).toContain('salt and pepper: 8.0 dB noisy, 18.0 dB');
});

test('each detector has its AUROC for each kind of anomaly, and the fused score comes last', () => {
  expect(CHARTS.detectors!.table).toEqual({
    columns: ['Detector', 'noise', 'rotated'],
    rows: [
      ['Neighbours of the code', 0.8, 0.9],
      ['Reconstruction error', 0.95, 0.7],
      ['Fused score', 0.999, 0.9],
    ],
  });
});

test('labelled anomalies come before synthetic outliers, and a detector without a figure has a dash', () => {
  const labelled = {
    count: 100,
    anomalous: 5,
    auroc: 0.97,
    average_precision: 0.6,
    detectors: [{ name: 'knn:code', auroc: 0.88 }],
  };
  const kinds = listAnomalyKinds({ ...report, detection: { ...detection, labelled } });
  expect(kinds.map(({ name }) => name)).toEqual(['labelled anomalies', 'noise', 'rotated']);
  const { table } = detectorsChart(kinds, { scorer });
  expect(table.rows.map((row) => row[1])).toEqual([0.88, '–', 0.97]);
});

test('the dimension is that of digits and noise, by both estimators', () => {
  expect(CHARTS.dimension!.alternative).toContain(
    'digits 13.0 (TwoNN) and 12.0 (maximum likelihood), noise 200 and 150',
  );
});

test('the divergence ends at its last value', () => {
  expect(CHARTS.divergence!.alternative).toContain('ending at 1.235 after 100 iterations');
});

test('the loss has one row for each epoch, and a logarithmic axis only where every loss is positive', () => {
  expect(CHARTS.loss!.table.rows).toEqual([
    [1, 4, 5, 0.01],
    [2, 2, 3, 0.02],
    [3, 1, 3.5, 0.01],
  ]);
  expect(CHARTS.loss!.options(600).y).toMatchObject({
    type: 'log',
    label: 'mean squared error per image (log scale)',
  });
  const training = { ...report.training, loss: 'gaussian_nll', train_loss: [1, 0, -1] };
  const negative = lossChart({ ...report, training }, rows).options(600).y;
  expect(negative).not.toHaveProperty('type');
  expect(negative).toMatchObject({ label: 'negative Gaussian log-likelihood per row' });
});

test('random images are compared by the measure that is chosen', () => {
  const [byDistance, byError] = MEASURES.map((measure) => randomImagesChart(studies, measure));
  expect(byDistance!.alternative).toContain('noise 9.50; shuffled 7.50');
  expect(byError!.alternative).toContain('noise 0.250; shuffled 0.125');
});

test('the classes with the smallest and largest error are named', () => {
  expect(CHARTS.reconstruction!.alternative).toMatch(
    /smallest for 1 \(0\.0100\) and largest for 0 \(0\.0300\)/,
  );
});

test('the area under each curve is in the legend', () => {
  expect(CHARTS.roc!.series.map(({ name }) => name)).toEqual(['noise: AUROC 0.9990', 'rotated: AUROC 0.900']);
  expect(rocChart(report, rows).explanation).toContain('an ordinary row');
});

test('the histogram of scores is that of the chosen kind of outlier', () => {
  expect(scoresChart(report, { scorer }, 'rotated', 0.01, digits).table.rows).toEqual([
    [1, 2, 0.75, 0.5],
    [2, 4, 0.25, 0.5],
  ]);
});

test('the chart of scores explains them by what the detectors look at', () => {
  const explain = (...names: string[]) => {
    const detectors = names.map((name) => ({ name, title: name, family: 'f' }));
    return scoresChart(report, { scorer: { detectors } }, 'noise', 0.01, rows).explanation;
  };
  expect(explain('reconstruction:difference')).toMatch(/reconstructed badly/);
  expect(explain('knn:code', 'masked_error:masked')).toMatch(/reconstructed badly.*, or its code lies/);
  for (const text of [explain('knn:input', 'mixture:projection'), explain('hbos:input')]) {
    expect(text).toBe(
      'A row off the manifold scores high if its values are unlike those of training rows. The autoencoder has no part in this score.',
    );
  }
});

test('shares of units and of split digits are percentages', () => {
  expect(CHARTS.sparsity!.alternative).toContain('no penalty: 80%, error 0.0100; KL: 10%, error 0.0200');
  expect(CHARTS.splits!.alternative).toContain(
    '25% of the digits are split on maps of 1,000 points, start: random',
  );
  const former = [{ points: 1000, maps: 4, split_share: 0.25, by_class: [1, 0] }];
  const older = splitsChart({ ...studies, map: { ...studies.map, splits: former } }, ['0', '1']);
  expect(older.alternative).toBe('Bar chart: 25% of the digits are split on maps of 1,000 points.');
  expect(older.series).toEqual([]);
});

test('a torn map that no start mends stands beside one that is less torn', () => {
  const { torn } = studies.map;
  const maps = torn!.maps.map((map) => ({ ...map, torn: [0] }));
  const less = tornMapChart({ ...torn!, maps }, ['0', '1']);
  expect(JSON.stringify({ ...less, options: less.options(600) })).not.toMatch(/mend|they are together/);
  expect(less.table.rows.map(([kind]) => kind)).toEqual(['torn', 'less torn']);
  expect(CHARTS['torn-map']!.table.rows.map(([kind]) => kind)).toEqual(['torn', 'mended']);
});

test('a torn map says which digits tear it', () => {
  expect(CHARTS['torn-map']!.alternative).toContain('from the start random, the 0s are torn by the 1s.');
  const alone = tornMapChart({ ...studies.map.torn!, between: null }, ['0', '1']);
  expect(alone.alternative).toContain('the 0s are torn. On the second');
  expect(alone.series.map(({ name }) => name)).toEqual(['0', 'other digits']);
});

describe('a study whose figures deny what a full run shows', () => {
  const { kinds } = studies.random_images;
  const own = { ...kinds[0]!, name: 'digits', distance: 5, error: 0.01 };
  const withKinds = (others: typeof kinds) => ({
    ...studies,
    random_images: { ...studies.random_images, kinds: [own, ...others] },
  });
  const quick = {
    ...withKinds(kinds.map((kind) => ({ ...kind, distance: own.distance }))),
    dimension: studies.dimension.map((row) => ({ ...row, two_nn: 12 })),
    code_sizes: studies.code_sizes.map((row) => ({ ...row, autoencoder_mse: 2 * row.pca_mse })),
    denoising: studies.denoising.map((row) => ({ ...row, psnr: row.pca.psnr - 1 })),
    sparsity: studies.sparsity.map((row) => ({ ...row, active_share: 0.8 })),
  };

  test.each([
    [
      randomImagesChart(withKinds(kinds), 'distance'),
      randomImagesChart(quick, 'distance'),
      /never come close/,
    ],
    [dimensionChart(studies), dimensionChart(quick), /many more/],
    [codeSizesChart(studies), codeSizesChart(quick), /lead is largest/],
    [denoisingChart(studies), denoisingChart(quick), /comes closer/],
    [sparsityChart(studies), sparsityChart(quick), /combination of a few units/],
  ])('does not claim it', (full, denied, claim) => {
    expect(full.explanation).toMatch(claim);
    expect(denied.explanation).not.toMatch(claim);
  });
});

test('what moves over time is named, with its day', () => {
  expect(CHARTS['time-scores']!.alternative).toContain('2026-01-02: 7.00 nats');
  expect(CHARTS['time-alarms']!.alternative).toContain('2026-01-02: 5.00 a day');
  // Every row of a file is new.
  expect(timeScoresChart(timeline, 'time', rows, 'new.csv').explanation).toMatch(
    /of new\.csv,.*anomalies\.$/,
  );
  expect(timeAlarmsChart(timeline, 'time', 0.01, rows, 'new.csv').table.columns[1]).toBe('Rows');
  expect(CHARTS['time-alarms']!.table.columns[1]).toBe('Test rows');
  expect(CHARTS.drift!.explanation).toContain('load (median) from 1.0 to 2.0');
  expect(CHARTS.drift!.alternative).toContain('1 of 2 move further than chance');
});
