import { Constants, compile, foreignOperators, type Program } from './compile.ts';
import { EngineMemory } from './memory/memory.ts';
import { EngineError } from './onnx/error.ts';
import { type Model, parseModel } from './onnx/model.ts';
import { sizeOf } from './ops/op.ts';

/** Most samples that run at a time: with more, values leave the processor's cache. */
const MOST_ROWS = 64;

/** Programs that are kept: one for each number of samples and choice of outputs. */
const KEPT = 64;

/** A model whose graph treats every sample by itself, ready to run any number of them. */
export class Engine {
  readonly #model: Model;
  readonly #memory: EngineMemory;
  readonly #constants: Constants;
  readonly #programs = new Map<string, Program>();
  /** Numbers of one sample. */
  readonly features: number;

  /**
   * Reads a model, with the kernels compiled. Throws an {@link EngineError} if the model is damaged, or has an operator
   * that the engine does not.
   */
  constructor(bytes: Uint8Array, kernels: WebAssembly.Module) {
    this.#model = parseModel(bytes);
    const foreign = foreignOperators(this.#model);
    if (foreign.length > 0) throw new EngineError(`the engine has no operator ${foreign.join(', ')}`);
    this.#memory = new EngineMemory(kernels);
    this.#constants = new Constants(this.#memory);
    this.features = sizeOf(this.#model.input.shape);
    const longest = [...this.#model.constants.values()].reduce(
      (most, { length }) => Math.max(most, length),
      0,
    );
    this.#memory.share(4 * longest);
  }

  /** The names of the model's outputs. */
  get outputs(): readonly string[] {
    return this.#model.outputs;
  }

  /** Bytes of WebAssembly memory in use: weights, and the values of a run. */
  get memory(): number {
    return this.#memory.used;
  }

  /**
   * Computes these outputs of n samples, n × features and row-major; what no output needs is not computed. Throws an
   * {@link EngineError} if there are no such outputs, or the samples are not whole ones.
   */
  run<K extends string>(samples: Float32Array, n: number, outputs: readonly K[]): Record<K, Float32Array> {
    const { features } = this;
    if (samples.length !== n * features) {
      throw new EngineError(`${samples.length} numbers are not ${n} samples of ${features}`);
    }
    const unknown = outputs.find((name) => !this.#model.outputs.includes(name));
    if (unknown !== undefined) throw new EngineError(`the model has no output ${unknown}`);
    const results = new Map<K, Float32Array>();
    for (let start = 0; start < n; start += MOST_ROWS) {
      const count = Math.min(MOST_ROWS, n - start);
      const { input, steps, outputs: made } = this.#program(count, outputs);
      this.#memory.floats.set(samples.subarray(start * features, (start + count) * features), input);
      for (const step of steps) step();
      const { floats } = this.#memory;
      for (const name of outputs) {
        const { at, length } = made.get(name)!;
        if (length % count !== 0) throw new EngineError(`${name} does not have a row for each sample`);
        const whole = results.get(name) ?? new Float32Array((length / count) * n);
        whole.set(floats.subarray(at, at + length), (length / count) * start);
        results.set(name, whole);
      }
    }
    return Object.fromEntries(
      outputs.map((name) => [name, results.get(name) ?? new Float32Array(0)]),
    ) as Record<K, Float32Array>;
  }

  /** The program for so many samples, made on first use. */
  #program(n: number, outputs: readonly string[]): Program {
    const key = `${n}\n${outputs.join('\n')}`;
    const known = this.#programs.get(key);
    if (known) {
      // The one used last is the last to go.
      this.#programs.delete(key);
      this.#programs.set(key, known);
      return known;
    }
    const program = compile(this.#model, n, outputs, this.#memory, this.#constants);
    for (const old of this.#programs.keys()) {
      if (this.#programs.size < KEPT) break;
      this.#programs.delete(old);
    }
    this.#programs.set(key, program);
    return program;
  }
}
