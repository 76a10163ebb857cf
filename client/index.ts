/** A client of the API, for Node, browsers, Workers and Deno: `import { createClient } from 'offmanifold/client'`. */
export type { Feature, Health, Model, Placement, Score, ScoreAnswer, Surprise } from './answer.ts';
export {
  type CallOptions,
  type Client,
  type ClientOptions,
  createClient,
  type ScoreOptions,
} from './client.ts';
export { ApiProblem, ClientError, type FieldError } from './error.ts';
export type { Column, RecordOf, TableRecord, Value } from './record.ts';
export type { Matrix, Png, Row, SampleStream, Samples } from './samples.ts';
