import type { Placement } from '../../bundle/codes.ts';
import type { ScoreResponse, Surprise, SurprisingFeature } from '../../bundle/score-response.ts';
import type { Dataset } from './dataset.ts';

/** How far the bundle has been read: bytes so far and in all, and the file at hand. */
export interface Progress {
  loaded: number;
  total: number;
  file: string;
}

/** What the model in this browser says about one sample. */
export interface Scored {
  score: number;
  pValue: number;
  /** In raw units, as the sample. */
  reconstruction: Float32Array;
  /** How much of the score each feature accounts for, in all 1. */
  featureShare: Float32Array;
  /** The five features with the largest share, largest first. */
  surprising: SurprisingFeature[];
  /** Every detector, the most surprised first. */
  detectors: Surprise[];
  placement: Placement;
  milliseconds: number;
}

/** What the API says about one sample, and how long the round trip took. */
export interface Answered {
  response: ScoreResponse;
  milliseconds: number;
}

/** The questions that the worker answers, and their answers. */
export interface Calls {
  open: { ask: { base: string }; answer: Dataset };
  neighbours: { ask: { index: number; count: number }; answer: number[] };
  score: { ask: { sample: Float32Array }; answer: Scored };
  expected: { ask: { index: number }; answer: Float32Array };
  askApi: { ask: { url: string; sample: Float32Array }; answer: Answered };
}

export type CallName = keyof Calls;

export type Question = { [Name in CallName]: { id: number; name: Name; ask: Calls[Name]['ask'] } }[CallName];

export type Reply =
  | { id: number; kind: 'progress'; progress: Progress }
  | { id: number; kind: 'answer'; answer: Calls[CallName]['answer'] }
  | { id: number; kind: 'error'; message: string };
