import type { Context } from 'hono';

/** What a route knows about a request and its log line tells: never values of samples. */
export interface Facts {
  /** The id of the model that answers. */
  readonly model?: string;
  /** How many samples were scored, and the share of them that is anomalous. */
  readonly n?: number;
  readonly anomalous?: number;
}

/** What the handlers of a request tell each other. */
export interface ApiEnv {
  Variables: { requestId: string; facts: Facts | undefined };
}

export type ApiContext = Context<ApiEnv>;
