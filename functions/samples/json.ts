import { describeAccepted } from '../../bundle/column-display.ts';
import { parseRecord } from '../../bundle/column-parsing.ts';
import type { TableColumn } from '../../bundle/column-schema.ts';
import type { Manifest } from '../../bundle/manifest.ts';
import { findMisspelt } from '../../bundle/misspelling.ts';
import { namesOf, shortened, unknownName } from '../http/names.ts';
import { type FieldError, MAX_ERRORS, Problem } from '../http/problem.ts';
import type { SampleFormat } from './format.ts';
import { MAX_INSTANCES } from './limits.ts';
import { textOf } from './text.ts';

type Data = Manifest['data'];

/** The largest finite number of 32 bits, in which the model computes. */
const MAX_FLOAT = 3.4028234663852886e38;

/**
 * `{"instances": [[feature, …], …]}`, of a table also `{"instances": [{"column": value, …}, …]}`. The numbers are
 * checked by hand: a schema library takes many times as long over them as the engine takes over the score.
 */
export const json: SampleFormat = {
  type: 'application/json',
  refusal: () => undefined,
  read(body, { data }) {
    const { features, scaling } = data;
    const instances = instancesOf(parseJson(body), data);
    const errors: FieldError[] = [];
    const unused = new Set<string>();
    const samples = new Float32Array(instances.length * features);
    for (const [i, instance] of instances.entries()) {
      if (errors.length >= MAX_ERRORS) break;
      const target = { samples, offset: i * features, pointer: `#/instances/${i}`, errors };
      if (scaling.kind === 'columns') fillRecord(instance, scaling.columns, data, target, unused);
      else fillNumbers(instance, data, target);
    }
    if (errors.length > 0) throw new Problem('invalid-body', errors.slice(0, MAX_ERRORS));
    const fieldOf = (i: number, j: number) =>
      Array.isArray(instances[i]) ? String(j) : pointerTo(data.names![j]!);
    return {
      values: samples,
      unused: [...unused],
      wrong: (i, j, detail) => ({ pointer: `#/instances/${i}/${fieldOf(i, j)}`, detail }),
    };
  },
};

/** Where an instance's values go, and what is wrong with them. */
interface Target {
  samples: Float32Array;
  offset: number;
  /** The JSON Pointer of the instance. */
  pointer: string;
  errors: FieldError[];
}

function parseJson(body: Uint8Array): unknown {
  const text = textOf(body, 'JSON');
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

/** What an instance is, in JSON. */
export function shapeOf({ features, names, scaling }: Data): string {
  if (scaling.kind !== 'columns') return `[${features} numbers]`;
  return `{${names!
    .slice(0, 2)
    .map((name) => `${JSON.stringify(name)}: …`)
    .join(', ')}${names!.length > 2 ? ', …' : ''}}`;
}

function instancesOf(json: unknown, data: Data): unknown[] {
  const { features, scaling } = data;
  const shape = `{"instances": [${shapeOf(data)}, …]} expected`;
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw wrong('#', `${kindOf(json)}, an object ${shape}`);
  }
  const unknown = Object.keys(json).filter((key) => key !== 'instances');
  if (unknown.length > 0) {
    throw new Problem(
      'invalid-body',
      unknown.slice(0, MAX_ERRORS).map((key) => ({
        pointer: `#/${pointerTo(shortened(key))}`,
        detail: unknownName(key, ['instances']),
      })),
    );
  }
  if (!('instances' in json)) throw wrong('#/instances', `missing, ${shape}`);
  const { instances } = json;
  if (!Array.isArray(instances)) {
    const of = scaling.kind === 'columns' ? 'records' : 'arrays';
    throw wrong('#/instances', `${kindOf(instances)}, an array of ${of} expected`);
  }
  if (instances.length === 0) throw wrong('#/instances', `no instances, 1 to ${MAX_INSTANCES} expected`);
  if (instances.length === features && typeof instances[0] === 'number') {
    throw wrong('#/instances', `one flat array of ${features} numbers; put it in an array: ${shape}`);
  }
  if (instances.length > MAX_INSTANCES) {
    throw wrong('#/instances', `${instances.length} instances, at most ${MAX_INSTANCES} expected`);
  }
  return instances;
}

/** A record by the names of the columns, or an array in their order. */
function fillRecord(
  instance: unknown,
  columns: readonly TableColumn[],
  { label, excluded }: Data,
  { samples, offset, pointer, errors }: Target,
  unused: Set<string>,
): void {
  if (typeof instance !== 'object' || instance === null) {
    const expected = 'an object by column names, or an array in their order, expected';
    errors.push({ pointer, detail: `${kindOf(instance)}, ${expected}` });
    return;
  }
  const listed = Array.isArray(instance);
  const record = instance as Record<string, unknown> | unknown[];
  if (!listed && !columns.some(({ name }) => Object.hasOwn(record, name))) {
    errors.push({ pointer, detail: `none of its fields is a column; ${namesOf(columns)} expected` });
    return;
  }
  const places = new Map(columns.map(({ name }, j) => [name, listed ? String(j) : pointerTo(name)]));
  if (!listed) {
    const others = [label ?? '', ...excluded.map(({ name }) => name)];
    const fields = Object.keys(record);
    for (const field of fields) if (!places.has(field) && !others.includes(field)) unused.add(field);
    for (const { field, column } of findMisspelt(columns, fields, others)) {
      const kind = columns.find(({ name }) => name === column)!;
      const detail = `no column has this name; ${column} is not there: ${describeAccepted(kind)} expected`;
      errors.push({ pointer: `${pointer}/${pointerTo(shortened(field))}`, detail });
      places.delete(column);
    }
  }
  for (const { column, detail } of parseRecord(columns, record, samples, offset)) {
    if (column === '') errors.push({ pointer, detail });
    else if (places.has(column)) errors.push({ pointer: `${pointer}/${places.get(column)}`, detail });
  }
}

/** Copies numbers, and tells of those that are none, or out of the range. */
function fillNumbers(instance: unknown, data: Data, { samples, offset, pointer, errors }: Target): void {
  const { features, range } = data;
  const misshapen = shapeError(instance, features);
  if (misshapen) {
    errors.push({ pointer, detail: misshapen });
    return;
  }
  const values = instance as unknown[];
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

function shapeError(instance: unknown, features: number): string | undefined {
  if (!Array.isArray(instance)) return `${kindOf(instance)}, an array of ${features} numbers expected`;
  if (Array.isArray(instance[0])) return `rows of values, one flat array of ${features} numbers expected`;
  if (instance.length !== features) return `${instance.length} numbers, ${features} expected`;
  return undefined;
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : 'a number too large to hold';
  if (typeof value === 'string') return `the string ${JSON.stringify(shortened(value))}`;
  return typeof value === 'object' ? 'an object' : String(value);
}

/** A name as a part of a JSON Pointer (RFC 6901). */
const pointerTo = (name: string) => name.replaceAll('~', '~0').replaceAll('/', '~1');

const wrong = (pointer: string, detail: string) => new Problem('invalid-body', [{ pointer, detail }]);
