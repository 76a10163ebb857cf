import type { ScorerOutput } from '../../bundle/scorer.ts';
import { Random } from '../../kernels/random.ts';
import type { Source } from '../data/source.ts';
import type { MapInput } from '../map/map.ts';
import { choosePoints, readPoints } from '../map/points.ts';
import type { Samples } from '../network/samples.ts';
import { STREAM } from '../network/trainer.ts';
import { selectRows } from '../runtime/rows.ts';
import { Scorer } from '../scorer/scorer.ts';

type Scored = Pick<ScorerOutput, 'code' | 'score' | 'p_value'>;

/** The points of the map: their samples, and what the scorer says about them. */
export interface GatheredPoints {
  samples: Samples;
  input: MapInput;
}

/** Chooses the points of a map and scores those that are not in the test split, whose scores are known. */
export async function gatherPoints(
  source: Pick<Source, 'test' | 'seen' | 'ids' | 'labels' | 'classes'>,
  count: number,
  model: { scorer: Uint8Array; scored: Scored; seed: number },
  options: { threads?: number },
): Promise<GatheredPoints> {
  const { test, seen, ids, labels, classes } = source;
  const { scorer, scored, seed } = model;
  const chosen = choosePoints(test.count, seen, count, Random.stream(seed, STREAM.map));
  const samples = await readPoints(test, seen, chosen);
  const dims = scored.code.length / test.count;
  const features = samples.data.length / samples.count;
  const tested = chosen.tested.length;
  const others = await scoreSamples(
    scorer,
    { data: samples.data.subarray(tested * features), count: chosen.seen.length },
    options,
  );
  const pick = (values: ArrayLike<number>) => Float32Array.from(chosen.tested, (place) => values[place]);
  const codes = selectRows({ values: scored.code, n: test.count, d: dims }, chosen.tested).values;
  return {
    samples,
    input: {
      codes: join(codes, others.code),
      dims,
      ids: Uint32Array.from([...Array.from(chosen.tested, (place) => ids[place]), ...chosen.seen]),
      splits: chosen.splits,
      tested,
      labels:
        labels &&
        Uint8Array.from([
          ...Array.from(chosen.tested, (place) => labels[place]),
          ...Array.from(chosen.seen, (row) => seen.labels![row]),
        ]),
      classes,
      score: join(pick(scored.score), others.score),
      p_value: join(pick(scored.p_value), others.p_value),
    },
  };
}

/** Runs a scorer over samples in memory. */
export async function scoreSamples(
  graph: Uint8Array,
  { data, count }: Samples,
  options: { threads?: number },
): Promise<Scored> {
  const none = new Float32Array(0);
  if (count === 0) return { code: none, score: none, p_value: none };
  await using scorer = await Scorer.load(graph, options);
  return await scorer.run(data, count, ['code', 'score', 'p_value']);
}

function join(a: Float32Array, b: Float32Array): Float32Array {
  const both = new Float32Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
