import * as Plot from '@observablehq/plot';
import type { Manifest } from '../../bundle/manifest.ts';
import type { Report } from '../../bundle/report.ts';
import { formatArea } from '../common/format.ts';
import { detectorName } from '../data/detectors.ts';
import type { Words } from '../data/words.ts';
import { type Chart, frame } from './chart.ts';

const FUSED = 'Fused score';

/** What the detectors are compared by: a kind of outlier, or anomalies that labels name. */
type Judged = Pick<Report['detection']['outliers'][number], 'name' | 'auroc' | 'detectors'>;

/** Every kind of anomaly that the report judges each detector by. */
export function judgedBy({ detection: { labelled, outliers } }: Report): Judged[] {
  return [...(labelled ? [{ name: 'labelled anomalies', ...labelled }] : []), ...outliers];
}

/** AUROC of each detector by itself and of the fused score, for each kind of outlier. */
export function detectorsChart(judged: Judged[], { scorer }: Manifest, words: Words): Chart {
  const nameOf = (name: string) => {
    const known = scorer.detectors.find((detector) => detector.name === name);
    return known ? detectorName(known) : name;
  };
  const series = judged.map(({ name }, i) => ({ name, colour: `var(--series-${(i % 4) + 1})` }));
  const rows = judged.flatMap(({ name, auroc, detectors }) => [
    ...detectors.map((detector) => ({
      detector: nameOf(detector.name),
      auroc: detector.auroc,
      kind: name,
    })),
    { detector: FUSED, auroc, kind: name },
  ]);
  const detectors = [...new Set(rows.map(({ detector }) => detector))].filter((name) => name !== FUSED);
  const least = Math.min(...rows.map(({ auroc }) => auroc));
  const low = Math.max(0, Math.min(0.9, Math.floor(10 * least) / 10));
  return {
    title: 'Detectors',
    explanation: `Each detector judges ${words.samples} in its own way, and each is blind to something. The fused score is the mean of their surprises: it should be near the best of them for every kind of outlier, without knowing which kind will come.`,
    alternative: `Dot plot of AUROC. ${judged.map(({ name, auroc }) => `${name}: fused score ${formatArea(auroc)}`).join('; ')}.`,
    series,
    options: (width) => ({
      ...frame(width),
      height: Math.max(230, 70 + 46 * (detectors.length + 1)),
      marginLeft: width < 480 ? 132 : 200,
      marginRight: 24,
      x: { label: 'AUROC', domain: [low, 1], grid: true, ticks: 5, inset: 6 },
      y: { label: null, domain: [...detectors, FUSED], padding: 0.5, axis: null },
      marks: [
        Plot.axisY({ label: null, tickSize: 0, lineWidth: width < 480 ? 10 : 15, fontSize: 12 }),
        Plot.ruleY([...detectors, FUSED], { stroke: 'var(--line)' }),
        Plot.ruleY([FUSED], { stroke: 'var(--line-strong)', strokeWidth: 2 }),
        // Each kind a little lower than the one before it, so that equal values stay in sight.
        ...series.map(({ name, colour }, i) =>
          Plot.dot(
            rows.filter(({ kind }) => kind === name),
            {
              x: 'auroc',
              y: 'detector',
              dy: 5 * (i - (series.length - 1) / 2),
              fill: colour,
              r: 5.5,
              stroke: 'var(--surface)',
              strokeWidth: 1.5,
              title: (row) => `${row.detector}, ${row.kind}: AUROC ${formatArea(row.auroc)}`,
            },
          ),
        ),
      ],
    }),
    table: {
      columns: ['Detector', ...judged.map(({ name }) => name)],
      rows: [...detectors, FUSED].map((detector) => [
        detector,
        ...judged.map(({ name }) => {
          const row = rows.find((one) => one.kind === name && one.detector === detector);
          return row ? row.auroc : '–';
        }),
      ]),
    },
  };
}
