import type { Value } from './record.ts';

/** The values of a sample in the order of the model's columns or features; NaN is missing. */
export type Row = readonly Value[] | Float32Array | Float64Array | Uint8Array | Uint8ClampedArray;

/** Rows of numbers, one after another. Bytes are sent as they are, which only models of images accept. */
export interface Matrix {
  readonly values: Float32Array | Float64Array | Uint8Array | Uint8ClampedArray;
  /** The number of rows. */
  readonly n: number;
}

/** A PNG: one sample for a model of images. */
export interface Png {
  readonly png: Uint8Array | ArrayBuffer | Blob;
}

/** What can be scored: records or rows, a matrix, or a PNG. */
export type Samples<R> = readonly (R | Row)[] | Matrix | Png;

/** What can be scored as it comes. */
export type SampleStream<R> = Iterable<R | Row> | AsyncIterable<R | Row> | Matrix;

/** What `fetch` takes as a body. */
export type Body = NonNullable<RequestInit['body']>;

/** The body of one request. */
export interface Batch {
  readonly type: string;
  readonly body: Body;
  /** The first of the samples, by its place in all of them, and where its bytes are, if they are sent as they are. */
  readonly first: number;
  readonly firstByte: number;
}

/** The most samples of a request, and the bytes that the API accepts for every model. */
const MAX_SAMPLES = 64;
const MAX_BYTES = 4 * 2 ** 20;

/** Divides samples into the bodies of requests. Throws a TypeError or a RangeError for what cannot be sent. */
export function toBatches<R>(samples: Samples<R> | SampleStream<R>): Iterable<Batch> | AsyncIterable<Batch> {
  if (typeof samples === 'object' && samples !== null && !ArrayBuffer.isView(samples)) {
    if ('png' in samples) return [batchOf('image/png', samples.png as Body)];
    if ('n' in samples) return matrixBatches(samples);
    if (Symbol.iterator in samples || Symbol.asyncIterator in samples) return jsonBatches(samples);
  }
  throw new TypeError('samples: expected an array of samples, { values, n } or { png }');
}

const batchOf = (type: string, body: Body, first = 0, firstByte = 0): Batch => ({
  type,
  body,
  first,
  firstByte,
});

function matrixBatches({ values, n }: Matrix): Iterable<Batch> | AsyncIterable<Batch> {
  const features = values.length / n;
  if (!(Number.isSafeInteger(n) && Number.isSafeInteger(features) && n > 0 && features > 0)) {
    throw new RangeError(`values: expected ${n} rows of equal length, got ${values.length} numbers`);
  }
  return values instanceof Float32Array || values instanceof Float64Array
    ? jsonBatches(rowsOf(values, features))
    : byteBatches(values, features);
}

function* rowsOf(values: Float32Array | Float64Array, features: number): Generator<Row> {
  for (let from = 0; from < values.length; from += features) yield values.subarray(from, from + features);
}

function* byteBatches(values: Uint8Array | Uint8ClampedArray, features: number): Generator<Batch> {
  const rows = Math.min(MAX_SAMPLES, Math.max(1, Math.floor(MAX_BYTES / features)));
  for (let first = 0; first * features < values.length; first += rows) {
    const body = values.slice(first * features, (first + rows) * features);
    yield batchOf('application/octet-stream', body, first, first * features);
  }
}

async function* jsonBatches(samples: Iterable<unknown> | AsyncIterable<unknown>): AsyncGenerator<Batch> {
  let first = 0;
  let texts: string[] = [];
  let bytes = 0;
  const close = () => {
    const batch = batchOf('application/json', `{"instances":[${texts.join()}]}`, first);
    first += texts.length;
    texts = [];
    bytes = 0;
    return batch;
  };
  for await (const sample of samples) {
    const text = toJson(sample, first + texts.length);
    // A UTF-16 unit takes at most three bytes.
    const size = 3 * text.length;
    if (texts.length > 0 && bytes + size > MAX_BYTES) yield close();
    texts.push(text);
    bytes += size;
    if (texts.length === MAX_SAMPLES) yield close();
  }
  if (texts.length > 0) yield close();
}

/** A sample in JSON, which would make null, a missing value, of a number or date that it cannot write: this throws a RangeError instead. */
function toJson(sample: unknown, i: number): string {
  const plain = ArrayBuffer.isView(sample) ? Array.from(sample as Float32Array) : sample;
  if (typeof plain !== 'object' || plain === null) {
    throw new TypeError(`sample ${i}: expected a record or an array of values, got ${plain}`);
  }
  for (const [name, value] of Object.entries(plain)) {
    if (value === Infinity || value === -Infinity) {
      throw new RangeError(`sample ${i}, ${name}: expected a finite number, got Infinity`);
    }
    if (value instanceof Date && Number.isNaN(value.getTime())) {
      throw new RangeError(`sample ${i}, ${name}: expected a valid date, got ${value}`);
    }
  }
  return JSON.stringify(plain);
}
