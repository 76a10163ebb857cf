import type { Placement } from '../../bundle/codes.ts';
import type { Frame } from '../../bundle/frames.ts';
import type { RecordValue } from '../../bundle/record.ts';
import type { Report } from '../../bundle/report.ts';
import type { PointRow, Reason } from '../../bundle/rows-schema.ts';
import type { ScoreResponse, Surprise, SurprisingFeature } from '../../bundle/score-response.ts';
import type { NamedFile } from '../files/text-file.ts';
import type { OpenedData, PictureName } from './dataset.ts';
import type { FileDate } from './file-dates.ts';
import type { FileResult, Level } from './file-result.ts';
import type { Landscape, Places } from './landscape.ts';
import type { OpenedMap } from './plain-map.ts';
import type { Scored, SharedRows } from './shared-rows.ts';

/** How much of a bundle has been read, in bytes, or of a file, in rows (of 0 if nobody knows how many), and what is being read. */
export interface Progress {
  loaded: number;
  total: number;
  file: string;
}

/** One sample's result from the model in this browser. */
export interface ModelResult {
  engine: string;
  score: number;
  pValue: number;
  /** In raw units, like the sample. */
  reconstruction: Float32Array;
  /** How much of the score each feature accounts for; the sum is 1. */
  featureShare: Float32Array;
  /** The five features with the largest share, largest first. */
  surprising: SurprisingFeature[];
  /** Every detector, the most surprised first. */
  detectors: Surprise[];
  placement: Placement;
  milliseconds: number;
}

/** One sample's result from the API, and how long the round trip took. */
export interface ApiResult {
  response: ScoreResponse;
  milliseconds: number;
}

/** One sample's score from another engine in this browser. */
export interface Opinion {
  engine: string;
  score: number;
}

/** The worker's functions: what each takes and returns. */
export interface Calls {
  open: { params: { base: string }; result: OpenedData | OpenedMap };
  check: { params: undefined; result: undefined };
  models: { params: { site: string }; result: string[] };
  compare: { params: { first: Scored; second: Scored; significance: number }; result: SharedRows };
  keep: { params: undefined; result: undefined };
  report: { params: undefined; result: Report };
  picture: { params: { name: PictureName }; result: Uint8Array };
  sheet: { params: { sheet: number }; result: Uint8Array };
  landscape: { params: Places; result: Landscape };
  frames: { params: undefined; result: Frame[] };
  neighbours: { params: { index: number; count: number }; result: number[] };
  score: { params: { sample: Float32Array }; result: ModelResult };
  secondOpinion: { params: { sample: Float32Array }; result: Opinion };
  expected: { params: { index: number }; result: Float32Array };
  rows: { params: { indices: number[] }; result: PointRow[] };
  column: { params: { name: string }; result: RecordValue[] };
  reasons: { params: Record<never, never>; result: Reason[][] };
  scoreFiles: { params: { files: readonly NamedFile[] }; result: FileResult };
  fileDates: { params: Record<never, never>; result: FileDate[] };
  photo: { params: { file: NamedFile }; result: Float32Array };
  cancelFiles: { params: Record<never, never>; result: undefined };
  exportScores: { params: { level: Level }; result: Blob };
  scoreByApi: { params: { url: string; sample: Float32Array }; result: ApiResult };
}

export type CallName = keyof Calls;

/** A message to the worker. */
export type Call = {
  [Name in CallName]: { id: number; name: Name; params: Calls[Name]['params'] };
}[CallName];

/** A message from the worker. */
export type Reply =
  | { id: number; kind: 'progress'; progress: Progress }
  | { id: number; kind: 'result'; result: Calls[CallName]['result'] }
  | { id: number; kind: 'error'; message: string };
