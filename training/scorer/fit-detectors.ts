import { columnOfFeature } from '../../bundle/column-encoding.ts';
import type { Trained } from '../autoencoder/export.ts';
import type { Source } from '../data/source.ts';
import { runSubgraph } from '../detectors/run.ts';
import type { Matrix } from '../runtime/rows.ts';
import { type EnsembleOptions, type FittedEnsemble, fitMembers, type Member } from './ensemble.ts';
import { fitImputation } from './imputation.ts';
import { fitProjection, IDENTITY } from './projection.ts';
import { buildViews, type View, type ViewMakers, type ViewRows } from './views.ts';

/**
 * Detectors are fitted to at most this many training samples: the first ones, a random sample if the data is
 * shuffled.
 */
const MOST_ROWS = 20_000;
/** … and to no more of them than have this many values: 32 MiB, of which several copies are made. */
const MOST_VALUES = 2 ** 23;
/** … but to at least this many rows, however wide they are. */
const LEAST_ROWS = 2000;

/** Rows of raw samples: training samples, and validation samples, to which the autoencoder was not fitted. */
type RawRows = Readonly<Record<'train' | 'unseen', Matrix>>;

/** Fits the detectors of a trained model to a source's training samples. */
export async function fitDetectors(
  trained: Trained,
  source: Pick<Source, 'train' | 'validation' | 'features'>,
  members: readonly Member[],
  { fusion, ...options }: EnsembleOptions & Pick<FittedEnsemble, 'fusion'>,
): Promise<FittedEnsemble> {
  const views = new Set(members.map(({ view }) => view));
  // Suspicious rows are found in the projection.
  if (options.contamination > 0) views.add('projection');
  // The input tells whether the columns of a projection are the features.
  if (views.has('projection')) views.add('input');
  const raw = await readRows(source);
  const makers = views.has('input') ? await fitMakers(trained, raw.train, views, options) : UNFITTED;
  const rows = await runViews(trained, raw, views, makers, options);
  const { scaling } = trained;
  const columns = scaling.kind === 'columns' ? columnOfFeature(scaling.columns) : undefined;
  return { members: await fitMembers(members, rows, { ...options, columns }), fusion, ...makers };
}

const UNFITTED: ViewMakers = { projection: IDENTITY };

/** Fits what the views of the input are made with, the imputation first: the projection is fitted to rows without gaps. */
async function fitMakers(
  trained: Trained,
  raw: Matrix,
  views: ReadonlySet<View>,
  options: EnsembleOptions,
): Promise<ViewMakers> {
  const input = (makers: ViewMakers) => runView(trained, raw, 'input', makers, options);
  const rows = await input(UNFITTED);
  const imputation = fitImputation(rows, raw, trained.scaling);
  if (!views.has('projection')) return { ...UNFITTED, imputation };
  const filled = imputation ? await input({ ...UNFITTED, imputation }) : rows;
  return { projection: await fitProjection(filled, options), imputation };
}

async function readRows({
  train,
  validation,
  features,
}: Pick<Source, 'train' | 'validation' | 'features'>): Promise<RawRows> {
  const count = Math.min(train.count, MOST_ROWS, Math.max(LEAST_ROWS, Math.floor(MOST_VALUES / features)));
  const values = new Float32Array(count * features);
  await train.read(0, count, values);
  return {
    train: { values, n: count, d: features },
    unseen: { values: Float32Array.from(validation.data), n: validation.count, d: features },
  };
}

/** All rows in each of the views. */
async function runViews(
  trained: Trained,
  raw: RawRows,
  views: ReadonlySet<View>,
  makers: ViewMakers,
  options: EnsembleOptions,
): Promise<ViewRows> {
  const train: Partial<Record<View, Matrix>> = {};
  const unseen: Partial<Record<View, Matrix>> = {};
  for (const view of views) {
    train[view] = await runView(trained, raw.train, view, makers, options);
    unseen[view] = await runView(trained, raw.unseen, view, makers, options);
  }
  return { train, unseen };
}

/** Raw rows in one view. */
async function runView(
  trained: Trained,
  rows: Matrix,
  view: View,
  makers: ViewMakers,
  options: EnsembleOptions,
): Promise<Matrix> {
  const values = await runSubgraph((graph, x) => buildViews(graph, x, trained, makers)(view), rows, options);
  return { values, n: rows.n, d: values.length / rows.n };
}
