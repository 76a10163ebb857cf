import { formatNumber } from '../common/format.ts';
import type { Engine } from './engine.ts';
import type { Answered, Scored } from './protocol.ts';

/** What an engine made of one sample: its answer, or one sentence that says why there is none. */
interface Outcome<Answer> {
  sample: Float32Array;
  answer?: Answer;
  failure?: string;
}

const PAUSE = 130;

/**
 * Asks both engines, the API and the model in this browser, about the sample at hand once it stays the same
 * for a moment. Only what is said about that sample is told: an answer to the one before it is none.
 */
export class Asking {
  readonly #engine: () => Engine;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #byBrowser = $state.raw<Outcome<Scored>>();
  #byApi = $state.raw<Outcome<Answered>>();
  /** Raw values; undefined if there is nothing to ask about. */
  sample = $state.raw<Float32Array>();
  local = $derived(this.#byBrowser?.sample === this.sample ? this.#byBrowser : undefined);
  remote = $derived(this.#byApi?.sample === this.sample ? this.#byApi : undefined);
  scored = $derived(this.local?.answer);
  /** How far apart the scores are, as a share of the larger. */
  difference = $derived.by(() => {
    const [a, b] = [this.scored?.score, this.remote?.answer?.response.results[0]?.score];
    return a === undefined || b === undefined ? undefined : Math.abs(a - b) / Math.max(a, b, 1e-12);
  });

  constructor(engine: () => Engine) {
    this.#engine = engine;
  }

  /** Takes another sample. */
  take(sample: Float32Array | undefined): void {
    this.sample = sample;
    clearTimeout(this.#timer);
    if (sample) this.#timer = setTimeout(() => this.#ask(sample), PAUSE);
  }

  /** Whether both engines agree, in a sentence; empty until both have answered. */
  agreement(modelId: string): string {
    const { difference, remote } = this;
    if (difference === undefined || !remote?.answer) return '';
    const { model_id } = remote.answer.response;
    if (model_id !== modelId) return `The API runs another model, ${model_id.slice(0, 8)}.`;
    const words = difference < 1e-4 ? 'Both engines agree' : 'The engines disagree';
    const apart = difference === 0 ? 'nothing' : `${formatNumber(difference, 1)} relative`;
    return `${words}: their scores differ by ${apart}.`;
  }

  #ask(sample: Float32Array): void {
    const engine = this.#engine();
    engine.score(sample).then(
      (answer) => {
        if (sample === this.sample) this.#byBrowser = { sample, answer };
      },
      (error: Error) => {
        const failure = `The model does not run in this browser: ${error.message}`;
        if (sample === this.sample) this.#byBrowser = { sample, failure };
      },
    );
    engine.askApi(sample).then(
      (answer) => {
        if (sample === this.sample) this.#byApi = { sample, answer };
      },
      (error: Error) => {
        if (sample === this.sample) this.#byApi = { sample, failure: error.message };
      },
    );
  }
}
