import { describeAgreement, describeOpinion, relativeDifference } from './agreement.ts';
import type { ModelClient } from './model-client.ts';
import type { ApiResult, ModelResult, Opinion } from './protocol.ts';

/** How scoring one sample went: its result, or one sentence that says why there is none. */
interface Outcome<Result> {
  sample: Float32Array;
  result?: Result;
  failure?: string;
}

/** Milliseconds that a sample must stay the same before it is scored. */
const PAUSE = 130;

/**
 * Scores the current sample twice, through the API and with the model in this browser, once it stays the same for a
 * moment. Results for an earlier sample are dropped.
 */
export class Comparison {
  readonly #model: () => ModelClient;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #browserOutcome = $state.raw<Outcome<ModelResult>>();
  #apiOutcome = $state.raw<Outcome<ApiResult>>();
  #secondOutcome = $state.raw<Outcome<Opinion>>();
  /** Raw values; undefined if there is nothing to score. */
  sample = $state.raw<Float32Array>();
  browser = $derived(this.#browserOutcome?.sample === this.sample ? this.#browserOutcome : undefined);
  api = $derived(this.#apiOutcome?.sample === this.sample ? this.#apiOutcome : undefined);
  second = $derived(this.#secondOutcome?.sample === this.sample ? this.#secondOutcome : undefined);
  /** The sample of which onnxruntime-web is asked and has not answered. */
  #asked = $state.raw<Float32Array>();
  asking = $derived(this.sample !== undefined && this.#asked === this.sample);
  /** The result of the model in this browser. */
  scored = $derived(this.browser?.result);

  constructor(model: () => ModelClient) {
    this.#model = model;
  }

  /** Replaces the sample. */
  update(sample: Float32Array | undefined): void {
    this.sample = sample;
    clearTimeout(this.#timer);
    if (sample) this.#timer = setTimeout(() => this.#score(sample), PAUSE);
  }

  /** Whether both engines agree, in a sentence; empty until both have answered. */
  agreement(modelId: string): string {
    const response = this.api?.result?.response;
    const [a, b] = [this.scored?.score, response?.results[0]?.score];
    if (a === undefined || b === undefined || !response) return '';
    return describeAgreement(relativeDifference(a, b), response.model_id, modelId);
  }

  /** Has the current sample scored by onnxruntime-web, too, which is fetched for that. */
  async askSecond(): Promise<void> {
    const { sample } = this;
    if (!sample) return;
    this.#asked = sample;
    try {
      this.#secondOutcome = { sample, result: await this.#model().secondOpinion(sample) };
    } catch (error) {
      this.#secondOutcome = {
        sample,
        failure: `onnxruntime-web does not run here: ${(error as Error).message}`,
      };
    } finally {
      if (this.#asked === sample) this.#asked = undefined;
    }
  }

  /** Whether onnxruntime-web agrees with our engine, in a sentence; empty until it has answered. */
  secondOpinion(): string {
    const { result, failure } = this.second ?? {};
    if (failure) return failure;
    if (!result || !this.scored) return '';
    return describeOpinion(result.engine, relativeDifference(this.scored.score, result.score));
  }

  #score(sample: Float32Array): void {
    const model = this.#model();
    model.score(sample).then(
      (result) => {
        if (sample === this.sample) this.#browserOutcome = { sample, result };
      },
      (error: Error) => {
        const failure = `The model does not run in this browser: ${error.message}`;
        if (sample === this.sample) this.#browserOutcome = { sample, failure };
      },
    );
    model.scoreByApi(sample).then(
      (result) => {
        if (sample === this.sample) this.#apiOutcome = { sample, result };
      },
      (error: Error) => {
        if (sample === this.sample) this.#apiOutcome = { sample, failure: error.message };
      },
    );
  }
}
