import * as Plot from '@observablehq/plot';
import { FUSION_WORDS, fusionOf } from '../../bundle/fusion.ts';
import type { Manifest } from '../../bundle/manifest.ts';
import type { Report } from '../../bundle/report.ts';
import { formatArea } from '../common/format.ts';
import { detectorName } from '../data/detectors.ts';
import { type Chart, frame } from './chart.ts';

const FUSED = 'Fused score';

/** A kind of anomaly, and how well each detector finds it. */
type AnomalyKind = Pick<Report['detection']['outliers'][number], 'name' | 'auroc' | 'detectors'>;

/** The kinds of anomaly that the report compares the detectors by: labelled ones, if any, then synthetic outliers. */
export function listAnomalyKinds({ detection: { labelled, outliers } }: Report): AnomalyKind[] {
  return [...(labelled ? [{ name: 'labelled anomalies', ...labelled }] : []), ...outliers];
}

/** AUROC of each detector by itself and of the fused score, for each kind of outlier. */
export function detectorsChart(
  kinds: AnomalyKind[],
  { scorer }: { scorer: Pick<Manifest['scorer'], 'detectors' | 'fusion'> },
): Chart {
  const nameOf = (name: string) => {
    const known = scorer.detectors.find((detector) => detector.name === name);
    return known ? detectorName(known) : name;
  };
  const series = kinds.map(({ name }, i) => ({ name, colour: `var(--series-${(i % 4) + 1})` }));
  const rows = kinds.flatMap(({ name, auroc, detectors }) => [
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
    explanation: `Each detector has a different method, and each misses some anomalies. The fused score is ${FUSION_WORDS[fusionOf(scorer)]} of their surprises. It should be close to the best detector for every kind of anomaly, without knowing the kind in advance.`,
    alternative: `Dot plot of AUROC. ${kinds.map(({ name, auroc }) => `${name}: fused score ${formatArea(auroc)}`).join('; ')}.`,
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
        // Each kind is drawn a little lower than the one before, so that equal values do not overlap.
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
      columns: ['Detector', ...kinds.map(({ name }) => name)],
      rows: [...detectors, FUSED].map((detector) => [
        detector,
        ...kinds.map(({ name }) => {
          const row = rows.find(({ kind, detector: other }) => kind === name && other === detector);
          return row ? row.auroc : '–';
        }),
      ]),
    },
  };
}
