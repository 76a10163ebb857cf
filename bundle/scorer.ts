/**
 * The outputs of `scorer.onnx` for n samples of f features with a code of d dimensions, row-major.
 * Its only input is `input`: n × f raw values, float32.
 */
export interface ScorerOutput {
  /** n × d */
  code: Float32Array;
  /** n × f, in raw units */
  reconstruction: Float32Array;
  /** n × f: squared error of each feature, in the units of training */
  feature_error: Float32Array;
  /** n × f: each feature's share of the score; the shares of a sample add up to 1, or are all 0 if nothing stands out */
  feature_share: Float32Array;
  /** n × k: each detector's surprise, −log P(a score this high) for normal samples, in nats; the manifest names them */
  detectors: Float32Array;
  /** n: the surprises in one number, by the fusion rule of the manifest; larger is more anomalous */
  score: Float32Array;
  /** n: conformal p-value, (1 + #{calibration scores ≥ score}) / (calibration count + 1) */
  p_value: Float32Array;
}

export const SCORER_INPUT = 'input';
export const SCORER_OUTPUTS = [
  'code',
  'reconstruction',
  'feature_error',
  'feature_share',
  'detectors',
  'score',
  'p_value',
] as const satisfies readonly (keyof ScorerOutput)[];

/** What can run `scorer.onnx` in a Worker, the default first; each has a file in functions/model. */
export const ENGINES = ['offmanifold', 'onnxruntime-web'] as const;
export type EngineName = (typeof ENGINES)[number];

/** What can run `scorer.onnx` in a server on Node, the default first; see server/engines.ts. */
export const NODE_ENGINES = ['offmanifold', 'onnxruntime-node'] as const;
export type NodeEngineName = (typeof NODE_ENGINES)[number];

/** How the large constants of a deployed `scorer.onnx` are stored, the default first. */
export const WEIGHTS = ['f32', 'f16', 'int8'] as const;
export type WeightsName = (typeof WEIGHTS)[number];

/** Anything that runs `scorer.onnx` or an equivalent. `samples`: n × f raw values, row-major. */
export interface Engine {
  readonly name: string;
  /** Computes these outputs, and what they need. */
  run<K extends keyof ScorerOutput>(
    samples: Float32Array,
    n: number,
    outputs: readonly K[],
  ): Promise<Pick<ScorerOutput, K>>;
}
