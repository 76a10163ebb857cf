import { shortened, unknownName } from '../names.ts';
import { type FieldError, MAX_ERRORS, Problem } from '../problem.ts';
import type { SampleFormat } from './format.ts';
import { MAX_INSTANCES } from './limits.ts';

/** The largest finite number of 32 bits, in which the model computes. */
const MAX_FLOAT = 3.4028234663852886e38;

/**
 * `{"instances": [[feature, …], …]}`. The numbers are checked by hand: a schema library takes many times
 * as long over them as the engine takes over the score.
 */
export const json: SampleFormat = {
  type: 'application/json',
  refusal: () => undefined,
  read(body, { data: { features, range } }) {
    const instances = instancesOf(parseJson(body), features);
    const errors: FieldError[] = [];
    const samples = new Float32Array(instances.length * features);
    for (const [i, instance] of instances.entries()) {
      if (errors.length >= MAX_ERRORS) break;
      const pointer = `#/instances/${i}`;
      const detail = shapeError(instance, features);
      if (detail) errors.push({ pointer, detail });
      else fill(samples, i * features, instance as unknown[], range, pointer, errors);
    }
    if (errors.length > 0) throw new Problem('invalid-body', errors);
    return samples;
  },
};

function parseJson(body: Uint8Array): unknown {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(body);
  } catch {
    throw wrong('#', 'the body is not UTF-8, as JSON has to be');
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    const literal = /[[:,]\s*([+-]?(?:NaN|Infinity))/.exec(text);
    const hint = literal
      ? `; JSON has no ${literal[1]} (at position ${literal.index + literal[0].length - literal[1]!.length})`
      : '';
    throw wrong('#', `the body is not JSON: ${(error as Error).message}${hint}`);
  }
}

function instancesOf(json: unknown, features: number): unknown[] {
  const shape = `{"instances": [[${features} numbers], …]} expected`;
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw wrong('#', `${kindOf(json)}, an object ${shape}`);
  }
  const unknown = Object.keys(json).filter((key) => key !== 'instances');
  if (unknown.length > 0) {
    throw new Problem(
      'invalid-body',
      unknown.slice(0, MAX_ERRORS).map((key) => ({
        pointer: `#/${shortened(key).replaceAll('~', '~0').replaceAll('/', '~1')}`,
        detail: unknownName(key, ['instances']),
      })),
    );
  }
  if (!('instances' in json)) throw wrong('#/instances', `missing, ${shape}`);
  const { instances } = json;
  if (!Array.isArray(instances))
    throw wrong('#/instances', `${kindOf(instances)}, an array of arrays expected`);
  if (instances.length === 0) throw wrong('#/instances', `no instances, 1 to ${MAX_INSTANCES} expected`);
  if (instances.length === features && typeof instances[0] === 'number') {
    throw wrong('#/instances', `one flat array of ${features} numbers; put it in an array: ${shape}`);
  }
  if (instances.length > MAX_INSTANCES) {
    throw wrong('#/instances', `${instances.length} instances, at most ${MAX_INSTANCES} expected`);
  }
  return instances;
}

function shapeError(instance: unknown, features: number): string | undefined {
  if (!Array.isArray(instance)) return `${kindOf(instance)}, an array of ${features} numbers expected`;
  if (Array.isArray(instance[0])) return `rows of values, one flat array of ${features} numbers expected`;
  if (instance.length !== features) return `${instance.length} numbers, ${features} expected`;
  return undefined;
}

/** Copies the values to `samples` from `offset` on, and tells of those that are no numbers, or out of the range. */
function fill(
  samples: Float32Array,
  offset: number,
  values: unknown[],
  range: readonly [number, number] | null,
  pointer: string,
  errors: FieldError[],
): void {
  const [minimum, maximum] = range ?? [-MAX_FLOAT, MAX_FLOAT];
  for (let j = 0; j < values.length; j++) {
    const value = values[j];
    if (typeof value === 'number' && value >= minimum && value <= maximum) {
      samples[offset + j] = value;
    } else if (errors.length < MAX_ERRORS) {
      const expected = range ? `a number from ${minimum} to ${maximum}` : 'a finite number of 32 bits';
      const detail = `${kindOf(value)}, ${expected} expected`;
      errors.push({ pointer: `${pointer}/${j}`, detail });
    }
  }
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : 'a number too large to hold';
  if (typeof value === 'string') return `the string ${JSON.stringify(shortened(value))}`;
  return typeof value === 'object' ? 'an object' : String(value);
}

const wrong = (pointer: string, detail: string) => new Problem('invalid-body', [{ pointer, detail }]);
