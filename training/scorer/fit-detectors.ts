import type { Trained } from '../autoencoder/export.ts';
import type { Source } from '../data/source.ts';
import { runSubgraph } from '../detectors/run.ts';
import type { Matrix } from '../runtime/rows.ts';
import { type EnsembleOptions, fitEnsemble, type Member } from './ensemble.ts';
import type { Detection } from './graph.ts';
import { type Projection, projectionOf } from './projection.ts';
import { type View, viewsOf } from './views.ts';

/** Detectors are fitted to at most so many training samples: the first, which of shuffled data are a random sample. */
const MOST_ROWS = 20_000;
/** … and to no more of them than have so many values: 32 MiB, of which several copies are made. */
const MOST_VALUES = 2 ** 23;

/** However wide they are, at least so many rows are looked at. */
const LEAST_ROWS = 2000;

/** Fits the detectors of a trained model to a source's training samples. */
export async function fitDetection(
  trained: Trained,
  { train, validation, features }: Pick<Source, 'train' | 'validation' | 'features'>,
  members: readonly Member[],
  options: EnsembleOptions,
): Promise<Detection> {
  const count = Math.min(train.count, MOST_ROWS, Math.max(LEAST_ROWS, Math.floor(MOST_VALUES / features)));
  const values = new Float32Array(count * features);
  await train.read(0, count, values);
  const raw: Record<'train' | 'unseen', Matrix> = {
    train: { values, n: count, d: features },
    unseen: { values: Float32Array.from(validation.data), n: validation.count, d: features },
  };
  const asIs: Projection = { width: 0, apply: (_graph, x) => x };
  const through = async (rows: Matrix, view: View, projection: Projection): Promise<Matrix> => {
    const found = await runSubgraph(
      (graph, x) => viewsOf(graph, x, trained, projection)(view),
      rows,
      options,
    );
    return { values: found, n: rows.n, d: found.length / rows.n };
  };
  const needed = new Set(members.map(({ view }) => view));
  // Who is to be trusted is told by the projection.
  if (options.contamination > 0) needed.add('projection');
  // Which features a projection's are, is told by the input.
  if (needed.has('projection')) needed.add('input');
  const projection = needed.has('projection')
    ? await projectionOf(await through(raw.train, 'input', asIs), options)
    : asIs;
  const seen: Partial<Record<View, Matrix>> = {};
  const unseen: Partial<Record<View, Matrix>> = {};
  for (const view of needed) {
    seen[view] = await through(raw.train, view, projection);
    unseen[view] = await through(raw.unseen, view, projection);
  }
  return { members: await fitEnsemble(members, { train: seen, unseen }, options), projection };
}
