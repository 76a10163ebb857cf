import { describeAccepted } from '../../bundle/column-display.ts';
import { columnName, findTwins } from '../../bundle/column-names.ts';
import { parseRecord } from '../../bundle/column-parsing.ts';
import type { TableColumn } from '../../bundle/column-schema.ts';
import { hasLongNumbers, keepDigits } from '../../bundle/json-digits.ts';
import { kindOf, tableColumns } from '../../bundle/kind.ts';
import type { Manifest } from '../../bundle/manifest.ts';
import { findMisspelt } from '../../bundle/misspelling.ts';
import { describeUnknown, listNames, shorten } from '../http/names.ts';
import { type FieldError, MAX_ERRORS, Problem } from '../http/problem.ts';
import { decodeText } from './decode-text.ts';
import { ignoredFields } from './fields.ts';
import type { SampleFormat } from './format.ts';
import { MAX_INSTANCES } from './limits.ts';

type Data = Manifest['data'];

/** The largest finite 32-bit float, the type in which the model computes. */
const MAX_FLOAT = 3.4028234663852886e38;

/**
 * `{"instances": [[feature, …], …]}`, for a table also `{"instances": [{"column": value, …}, …]}`. The numbers are
 * checked by hand: a schema library takes many times as long as the engine takes to score them.
 */
export const json: SampleFormat = {
  type: 'application/json',
  refusal: () => undefined,
  read(body, { data }) {
    const { features } = data;
    const isTable = kindOf(data) === 'table';
    const instances = findInstances(parseJson(body, data), data);
    const errors: FieldError[] = [];
    const unused = new Set<string>();
    const values = new Float32Array(instances.length * features);
    for (const [i, instance] of instances.entries()) {
      if (errors.length >= MAX_ERRORS) break;
      const target = { values, offset: i * features, pointer: `#/instances/${i}`, errors };
      if (isTable) readRecord(instance, tableColumns(data), ignoredFields(data), target, unused);
      else readNumbers(instance, data, target);
    }
    if (errors.length > 0) throw new Problem('invalid-body', errors);
    const fieldAt = (i: number, j: number) =>
      Array.isArray(instances[i]) ? String(j) : escapePointer(data.names![j]!);
    return {
      values,
      unused: [...unused],
      errorAt: (i, j, detail) => ({ pointer: `#/instances/${i}/${fieldAt(i, j)}`, detail }),
    };
  },
};

/** Where the values of an instance go, and its errors. */
interface Target {
  values: Float32Array;
  offset: number;
  /** The JSON Pointer of the instance. */
  pointer: string;
  errors: FieldError[];
}

function parseJson(body: Uint8Array, data: Data): unknown {
  const text = decodeText(body, 'JSON');
  try {
    const kept = findCategoryFields(data);
    if (kept.length === 0 || !hasLongNumbers(text)) return JSON.parse(text);
    return JSON.parse(
      text,
      keepDigits((field) => kept.includes(field.trim())),
    );
  } catch (error) {
    const literal = /[[:,]\s*([+-]?(?:NaN|Infinity))/.exec(text);
    if (!literal) throw problemAt('#', `the body is not JSON: ${(error as Error).message}`);
    const position = literal.index + literal[0].length - literal[1]!.length;
    const instead = 'write null for a missing value';
    throw problemAt(
      '#',
      `the body is not JSON: it has no ${literal[1]} (at position ${position}); ${instead}`,
    );
  }
}

/** The fields, and the places in a list of values, that are categories: their numbers may be ids of any length. */
function findCategoryFields(data: Data): string[] {
  if (kindOf(data) !== 'table') return [];
  return tableColumns(data).flatMap(({ kind, name }, j) => (kind === 'category' ? [name, String(j)] : []));
}

/** What an instance looks like in JSON. */
export function sketchInstance(data: Data): string {
  const { features, names } = data;
  if (kindOf(data) !== 'table') return `[${features} numbers]`;
  const fields = names!.slice(0, 2).map((name) => `${JSON.stringify(name)}: …`);
  return `{${fields.join(', ')}${names!.length > 2 ? ', …' : ''}}`;
}

/** Finds the array of instances in a body, and checks its length. */
function findInstances(json: unknown, data: Data): unknown[] {
  const { features } = data;
  const sketch = `{"instances": [${sketchInstance(data)}, …]}`;
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw problemAt('#', `expected an object ${sketch}, got ${describeType(json)}`);
  }
  const unknown = Object.keys(json).filter((key) => key !== 'instances');
  if (unknown.some((key) => data.names?.includes(key)) && !('instances' in json)) {
    throw problemAt('#', `expected an object ${sketch}, got a record on its own`);
  }
  if (unknown.length > 0) {
    throw new Problem(
      'invalid-body',
      unknown.slice(0, MAX_ERRORS).map((key) => ({
        pointer: `#/${escapePointer(shorten(key))}`,
        detail: describeUnknown(key, ['instances']),
      })),
    );
  }
  if (!('instances' in json)) throw problemAt('#/instances', `absent: expected ${sketch}`);
  const { instances } = json;
  if (!Array.isArray(instances)) {
    const items = kindOf(data) === 'table' ? 'records' : 'arrays';
    throw problemAt('#/instances', `expected an array of ${items}, got ${describeType(instances)}`);
  }
  if (instances.length === features && typeof instances[0] === 'number') {
    throw problemAt('#/instances', `expected ${sketch}, got a flat array of ${features} numbers`);
  }
  if (instances.length === 0 || instances.length > MAX_INSTANCES) {
    throw problemAt('#/instances', `expected 1 to ${MAX_INSTANCES} instances, got ${instances.length}`);
  }
  return instances;
}

/** Reads a record: an object with the column names as keys, or an array in column order. */
function readRecord(
  instance: unknown,
  columns: readonly TableColumn[],
  ignored: readonly string[],
  { values, offset, pointer, errors }: Target,
  unused: Set<string>,
): void {
  if (typeof instance !== 'object' || instance === null) {
    const detail = `expected an object by column names, or an array in their order, got ${describeType(instance)}`;
    errors.push({ pointer, detail });
    return;
  }
  const listed = Array.isArray(instance);
  const record = listed ? instance : nameFields(instance, pointer, errors);
  if (record === undefined) return;
  if (!listed && !columns.some(({ name }) => Object.hasOwn(record, name))) {
    errors.push({ pointer, detail: `no field is a column: expected ${listNames(columns)}` });
    return;
  }
  const places = new Map(columns.map(({ name }, j) => [name, listed ? String(j) : escapePointer(name)]));
  if (!listed) {
    const fields = Object.keys(record);
    for (const field of fields) if (!places.has(field) && !ignored.includes(field)) unused.add(field);
    for (const { field, column } of findMisspelt(columns, fields, ignored)) {
      const meant = columns.find(({ name }) => name === column)!;
      const detail = `not a column; did you mean ${column} (${describeAccepted(meant)}), which the record lacks? If not, give ${column} as null`;
      errors.push({ pointer: `${pointer}/${escapePointer(shorten(field))}`, detail });
      places.delete(column);
    }
  }
  for (const { column, detail } of parseRecord(columns, record, values, offset)) {
    if (column === '') errors.push({ pointer, detail });
    else if (places.has(column)) errors.push({ pointer: `${pointer}/${places.get(column)}`, detail });
  }
}

/** A record with its fields called as the columns of files are; undefined, and an error, if two are called the same. */
function nameFields(
  record: object,
  pointer: string,
  errors: FieldError[],
): Record<string, unknown> | undefined {
  const fields = Object.keys(record);
  if (fields.every((field, i) => columnName(field, i) === field)) return record as Record<string, unknown>;
  const twins = findTwins(fields);
  if (twins === undefined) {
    return Object.fromEntries(Object.values(record).map((value, i) => [columnName(fields[i]!, i), value]));
  }
  const shown = twins.texts.map((text) => JSON.stringify(shorten(text))).join(' and ');
  errors.push({ pointer, detail: `two fields are called ${shorten(twins.name)}: ${shown}` });
  return undefined;
}

/** Reads an array of numbers, and checks each against the range of the model. */
function readNumbers(
  instance: unknown,
  { features, range }: Data,
  { values, offset, pointer, errors }: Target,
): void {
  if (!Array.isArray(instance) || Array.isArray(instance[0]) || instance.length !== features) {
    errors.push({ pointer, detail: describeMismatch(instance, features) });
    return;
  }
  const [minimum, maximum] = range ?? [-MAX_FLOAT, MAX_FLOAT];
  for (let j = 0; j < instance.length; j++) {
    const value: unknown = instance[j];
    if (typeof value === 'number' && value >= minimum && value <= maximum) {
      values[offset + j] = value;
    } else if (errors.length < MAX_ERRORS) {
      const expected = range ? `a number from ${minimum} to ${maximum}` : 'a finite 32-bit number';
      errors.push({ pointer: `${pointer}/${j}`, detail: `expected ${expected}, got ${describeType(value)}` });
    }
  }
}

function describeMismatch(instance: unknown, features: number): string {
  if (!Array.isArray(instance)) {
    return `expected an array of ${features} numbers, got ${describeType(instance)}`;
  }
  return Array.isArray(instance[0])
    ? `expected a flat array of ${features} numbers, got an array of arrays`
    : `expected ${features} numbers, got ${instance.length}`;
}

function describeType(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : 'a number that is too large';
  if (typeof value === 'string') return `the string ${JSON.stringify(shorten(value))}`;
  return typeof value === 'object' ? 'an object' : String(value);
}

/** Escapes a name for a JSON Pointer (RFC 6901). */
const escapePointer = (name: string) => name.replaceAll('~', '~0').replaceAll('/', '~1');

const problemAt = (pointer: string, detail: string) => new Problem('invalid-body', [{ pointer, detail }]);
