import { ClientError } from './error.ts';
import type { Column } from './record.ts';

/** The result for one sample. */
export interface Score {
  /** The mean surprise of the detectors, in nats: larger is stranger. */
  score: number;
  /** The share of calibration samples that score at least as high. */
  p_value: number;
  /** Whether `p_value` is at most the significance. */
  anomalous: boolean;
  /** With `fdr`: whether it is a discovery at this false discovery rate. */
  discovery?: boolean;
  /** With `explain`: all detectors, the most surprised first. */
  detectors?: Surprise[];
  /** With `explain`: the features with the largest shares of the score, in descending order. */
  features?: Feature[];
  /** With `map`: its place on the map, and the nearest points. */
  map?: Placement;
}

/** One detector's surprise: −log P(a score this high) for normal samples, in nats. */
export interface Surprise {
  name: string;
  title: string;
  family: string;
  surprise: number;
}

/** One feature's part in a score. */
export interface Feature {
  index: number;
  /** For a table: the column. */
  name?: string;
  /** For an image: the pixel. */
  row?: number;
  column?: number;
  value: number | string | null;
  /** What the model expected; null for a date if the model sees only its time of day and weekday. */
  expected: number | string | null;
  /** Squared error, in the units of training. */
  error: number;
  /** Its share of the score: all shares add up to 1. */
  share: number;
}

/** A place on the map. */
export interface Placement {
  x: number;
  y: number;
  /** The nearest points: each one's row in the map (`index`) and in the data (`id`). */
  neighbours: { index: number; id: number; distance: number }[];
}

/** The scores of the samples of a call. */
export interface ScoreAnswer {
  model_id: string;
  engine: string;
  significance: number;
  /** With `fdr`: the number of discoveries, and the largest p-value among them (null if there are none). */
  fdr?: { q: number; discoveries: number; threshold: number | null };
  /** Ignored fields of the records: they are no columns of the training data. */
  unused_fields?: string[];
  /** Values that no training row had, by column, and how many samples have one: scores ignore them. */
  unknown_values?: { column: string; unknown: number; missing: number }[];
  /** One result per sample, in the same order. */
  results: Score[];
}

/** What the service says about its model. A deployment of the API alone leaves out `scaling` and `classes`. */
export interface Model {
  model_id: string;
  name: string;
  created_at: string;
  data: {
    name: string;
    /** The shape of a sample, row-major: height × width × channels for images, one dimension for rows. */
    shape: number[];
    /** Values per sample. */
    features: number;
    names: string[] | null;
    /** The column with the label, which the model does not see. */
    label: string | null;
    excluded: { name: string; why: string }[];
    /** The smallest and the largest value that is accepted; null if any number is. */
    range: [number, number] | null;
    scaling?: { kind: 'range' | 'standard' } | { kind: 'columns'; columns: Column[] };
    classes?: string[];
  };
  architecture: object;
  training: object;
  scorer: {
    detectors: { name: string; title: string; family: string }[];
    contamination: number;
    calibration_count: number;
    smallest_p_value: number;
    thresholds: { significance: number; score: number }[];
  };
  headline: Record<string, number>;
  versions: Record<string, string>;
}

/** The service can score. */
export interface Health {
  status: 'ok';
  model_id: string;
  engine: string;
}

/** Joins the answers to the requests of one call, in their order. Throws a {@link ClientError} if they are of two models. */
export function joinAnswers(answers: readonly ScoreAnswer[]): ScoreAnswer {
  const [first] = answers;
  if (!first) throw new RangeError('no samples: expected at least one');
  if (answers.some(({ model_id }) => model_id !== first.model_id)) {
    throw new ClientError('another model was deployed during this call: score the samples again');
  }
  const unused = new Set(answers.flatMap(({ unused_fields = [] }) => unused_fields));
  const unknown = new Map<string, { column: string; unknown: number; missing: number }>();
  for (const found of answers.flatMap(({ unknown_values = [] }) => unknown_values)) {
    const sum = unknown.get(found.column) ?? { column: found.column, unknown: 0, missing: 0 };
    sum.unknown += found.unknown;
    sum.missing += found.missing;
    unknown.set(found.column, sum);
  }
  return {
    ...first,
    ...(unused.size > 0 && { unused_fields: [...unused] }),
    ...(unknown.size > 0 && { unknown_values: [...unknown.values()] }),
    results: answers.flatMap(({ results }) => results),
  };
}
