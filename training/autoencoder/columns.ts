import { type EncodedFeature, encodedFeatures } from '../../bundle/column-encoding.ts';
import type { TableColumn } from '../../bundle/column-schema.ts';
import type { Graph, Value } from '../onnx/graph/graph.ts';

/** Where a piece of the piecewise linear map has no end. */
const NO_END = 3e38;

type Of<K extends EncodedFeature['of']> = Extract<EncodedFeature, { of: K }>;

/** Some columns of a matrix: N × indices.length, and where each belongs in the result. */
interface Part {
  value: Value;
  places: readonly number[];
}

/**
 * Raw values of a table (N × columns, NaN where they are missing) as the model sees them (N × encoded): see
 * `encodedFeatures`. One node or a few for all features of a kind, however many there are. No result is NaN.
 */
export function encodeColumns(graph: Graph, raw: Value, columns: readonly TableColumn[]): Value {
  const features = encodedFeatures(columns);
  const absent = graph.isNaN(raw);
  const filled = graph.where(absent, vector(graph, columns.map(standIn)), raw);
  const parts: Part[] = [];
  const add = <K extends EncodedFeature['of']>(
    kinds: readonly K[],
    of: (found: readonly Of<K>[], take: (from: Value) => Value) => Value,
  ) => {
    const found = features.filter((feature): feature is Of<K> => kinds.includes(feature.of as K));
    if (found.length === 0) return;
    const take = (from: Value) =>
      taken(
        graph,
        from,
        found.map(({ column }) => column),
      );
    parts.push({ value: of(found, take), places: found.map((feature) => features.indexOf(feature)) });
  };
  add(['value'], (found, take) => within(graph, standardised(graph, take(filled), found)));
  add(['missing'], (found, take) => standardised(graph, take(graph.toFloat(absent)), found));
  add(['quantile'], (found, take) => {
    const curves = found.map(({ column }) => curveOf(columns[column]));
    return within(graph, piecewise(graph, take(filled), curves));
  });
  add(['category'], (found, take) => {
    const own = graph.equal(
      take(filled),
      vector(
        graph,
        found.map(({ index }) => index),
      ),
    );
    const units = vector(
      graph,
      found.map(({ scale }) => 1 / scale),
    );
    return graph.mul(graph.toFloat(own), units);
  });
  add(['frequency'], (found, take) =>
    standardised(graph, frequencies(graph, take(filled), columns, found), found),
  );
  add(['time', 'weekday'], (found, take) => waves(graph, take(filled), columns, found));
  return assembled(graph, parts);
}

/**
 * The reverse of {@link encodeColumns}: N × columns. Numbers and dates are in raw units, flags the probability of
 * true, categories the index of the one with the largest feature, or with the nearest frequency. Never missing.
 */
export function decodeColumns(graph: Graph, x: Value, columns: readonly TableColumn[]): Value {
  const features = encodedFeatures(columns);
  const parts: Part[] = [];
  const values = features.flatMap((feature, i) => (feature.of === 'value' ? [{ ...feature, i }] : []));
  if (values.length > 0) {
    const own = taken(
      graph,
      x,
      values.map(({ i }) => i),
    );
    const stretched = graph.mul(
      own,
      vector(
        graph,
        values.map(({ scale }) => scale),
      ),
    );
    const raw = graph.add(
      stretched,
      vector(
        graph,
        values.map(({ center }) => center),
      ),
    );
    const isFlag = values.map(({ column }) => columns[column].kind === 'flag');
    const least = vector(
      graph,
      isFlag.map((flag) => (flag ? 0 : -NO_END)),
    );
    const most = vector(
      graph,
      isFlag.map((flag) => (flag ? 1 : NO_END)),
    );
    const value = isFlag.includes(true) ? graph.min(graph.max(raw, least), most) : raw;
    parts.push({ value, places: values.map(({ column }) => column) });
  }
  const quantiles = features.flatMap((feature, i) => (feature.of === 'quantile' ? [{ ...feature, i }] : []));
  if (quantiles.length > 0) {
    const own = taken(
      graph,
      x,
      quantiles.map(({ i }) => i),
    );
    const inverse = quantiles.map(({ column }) => inverted(curveOf(columns[column])));
    parts.push({ value: piecewise(graph, own, inverse), places: quantiles.map(({ column }) => column) });
  }
  // Of a clock only the time of day and the weekday are known: it is put in the middle.
  for (const [c, column] of columns.entries()) {
    if (column.kind !== 'date' || values.some(({ column: of }) => of === c)) continue;
    const nothing = graph.mul(taken(graph, x, [0]), 0);
    parts.push({ value: graph.add(nothing, column.center), places: [c] });
  }
  for (const [c, column] of columns.entries()) {
    if (column.kind !== 'category') continue;
    const own = features.flatMap(({ column, of }, i) => (column === c && of !== 'missing' ? [i] : []));
    const mine = taken(graph, x, own);
    const largest = graph.op(
      'ArgMax',
      [
        column.encoding === 'one_hot'
          ? mine
          : nearness(graph, mine, features[own[0]] as Of<'frequency'>, column),
      ],
      { axis: 1, keepdims: 1 },
    );
    parts.push({ value: graph.toFloat(largest), places: [c] });
  }
  return assembled(graph, parts);
}

/** Squared errors of encoded features (N × encoded) summed for each raw column: N × columns. */
export function sumErrorsByColumn(graph: Graph, error: Value, columns: readonly TableColumn[]): Value {
  const features = encodedFeatures(columns);
  if (features.every(({ column }, i) => column === i)) return error;
  const matrix = new Float32Array(features.length * columns.length);
  for (const [i, { column }] of features.entries()) matrix[i * columns.length + column] = 1;
  return graph.matMul(error, graph.constant(matrix, [features.length, columns.length]));
}

const vector = (graph: Graph, values: readonly number[]) =>
  graph.constant(Float32Array.from(values), [values.length]);

/** What is put for a value that is missing. */
const standIn = (column: TableColumn): number => (column.kind === 'category' ? -1 : column.missing);

/** Numbers beyond it are far enough: of one such value the square would be all that a batch's loss is about. */
const FARTHEST = 30;

/** Scaled numbers, those beyond ±30 at ±30. */
const within = (graph: Graph, x: Value) => graph.clip(x, -FARTHEST, FARTHEST);

/** (x − center) / scale, feature by feature. */
function standardised(graph: Graph, x: Value, features: readonly { center: number; scale: number }[]): Value {
  const centred = graph.sub(
    x,
    vector(
      graph,
      features.map(({ center }) => center),
    ),
  );
  return graph.mul(
    centred,
    vector(
      graph,
      features.map(({ scale }) => 1 / scale),
    ),
  );
}

/** These columns of a matrix, in this order. */
function taken(graph: Graph, x: Value, columns: readonly number[]): Value {
  if (columns.length === x.shape[1] && columns.every((column, i) => column === i)) return x;
  return graph.gather(x, graph.integers(columns), 1);
}

/** Parts side by side, each column in its place. */
function assembled(graph: Graph, parts: readonly Part[]): Value {
  const all =
    parts.length === 1
      ? parts[0].value
      : graph.concat(
          parts.map(({ value }) => value),
          1,
        );
  const places = parts.flatMap((part) => part.places);
  return taken(
    graph,
    all,
    places.map((_, place) => places.indexOf(place)),
  );
}

/** A rising piecewise linear function: through the points, and on with these slopes before and after. */
interface Curve {
  x: readonly number[];
  y: readonly number[];
  before: number;
  after: number;
}

/**
 * Raw values to normal scores. Beyond the outermost knots it goes on with the slope of the line from there to
 * the knot in the middle, so that far values stay far, but two knots that happen to be close do not make it steep.
 */
function curveOf(column: TableColumn): Curve {
  if (column.kind !== 'number') throw new TypeError(`${column.name} has no quantiles`);
  const { knots: x, scores: y } = column;
  const last = x.length - 1;
  const middle = last >> 1;
  const slope = (a: number, b: number) => (y[b] - y[a]) / (x[b] - x[a]);
  const [low, high] = [Math.max(1, middle), Math.min(last - 1, middle)];
  return { x, y, before: slope(0, low), after: slope(high, last) };
}

const inverted = ({ x, y, before, after }: Curve): Curve => ({
  x: y,
  y: x,
  before: 1 / before,
  after: 1 / after,
});

/** Column j of `x` (N × curves) by curve j: the sum over the pieces of slope × how far x is along the piece. */
function piecewise(graph: Graph, x: Value, curves: readonly Curve[]): Value {
  const pieces = curves.map((curve) => piecesOf(curve));
  const most = Math.max(...pieces.map(({ length }) => length));
  const table = (of: (piece: Piece) => number) =>
    graph.constant(
      Float32Array.from(
        pieces.flatMap((own) => Array.from({ length: most }, (_, i) => of(own[i] ?? NOTHING))),
      ),
      [curves.length, most],
    );
  const from = graph.sub(
    graph.unsqueeze(x, [2]),
    table(({ start }) => start),
  );
  const along = graph.min(
    graph.max(
      from,
      table(({ low }) => low),
    ),
    table(({ high }) => high),
  );
  const rises = graph.mul(
    along,
    table(({ slope }) => slope),
  );
  const sum = graph.reduceSum(rises, [2]);
  return graph.add(
    sum,
    vector(
      graph,
      curves.map(({ y }) => y[0]),
    ),
  );
}

/** A piece of a curve: how far x is beyond `start`, between `low` and `high`, counts with `slope`. */
interface Piece {
  start: number;
  low: number;
  high: number;
  slope: number;
}

const NOTHING: Piece = { start: 0, low: 0, high: 0, slope: 0 };

function piecesOf({ x, y, before, after }: Curve): Piece[] {
  const inner = x.slice(1).map((end, i) => ({
    start: x[i],
    low: 0,
    high: end - x[i],
    slope: (y[i + 1] - y[i]) / (end - x[i]),
  }));
  const last = x.length - 1;
  return [
    { start: x[0], low: -NO_END, high: 0, slope: before },
    ...inner,
    { start: x[last], low: 0, high: NO_END, slope: after },
  ];
}

/** The frequency of each category, found by its index in one table of all columns; 0 of an unknown one. */
function frequencies(
  graph: Graph,
  x: Value,
  columns: readonly TableColumn[],
  features: readonly Of<'frequency'>[],
): Value {
  const table: number[] = [];
  const starts: number[] = [];
  const ends: number[] = [];
  for (const { column } of features) {
    const { frequencies: own } = columns[column] as Extract<TableColumn, { kind: 'category' }>;
    starts.push(table.length + 1);
    ends.push(own.length);
    table.push(0, ...own, 0);
  }
  const within = graph.min(graph.max(x, -1), vector(graph, ends));
  const index = graph.toInteger(graph.add(within, vector(graph, starts)));
  return graph.gather(vector(graph, table), index);
}

/** How near each category's frequency is to a feature (N × 1): N × categories, the largest the nearest. */
function nearness(
  graph: Graph,
  x: Value,
  { center, scale }: Of<'frequency'>,
  { frequencies: own }: Extract<TableColumn, { kind: 'category' }>,
): Value {
  const known = vector(
    graph,
    own.map((frequency) => (frequency - center) / scale),
  );
  return graph.neg(graph.abs(graph.sub(x, known)));
}

/** Sine and cosine of the part of the day, or of the week (from Thursday, the day of 1970-01-01). */
function waves(
  graph: Graph,
  days: Value,
  columns: readonly TableColumn[],
  features: readonly Of<'time' | 'weekday'>[],
): Value {
  const day = graph.floor(days);
  const ofDay = graph.sub(days, day);
  const since = features.map(({ column }) => {
    const { origin } = columns[column] as Extract<TableColumn, { kind: 'date' }>;
    return ((origin % 7) + 7) % 7;
  });
  const weeks = graph.mul(graph.add(day, vector(graph, since)), 1 / 7);
  const ofWeek = graph.sub(weeks, graph.floor(graph.add(weeks, 1e-3)));
  const isTime = vector(
    graph,
    features.map(({ of }) => Number(of === 'time')),
  );
  const part = graph.add(ofWeek, graph.mul(isTime, graph.sub(ofDay, ofWeek)));
  const angle = graph.mul(part, 2 * Math.PI);
  const isSine = vector(
    graph,
    features.map(({ wave }) => Number(wave === 'sin')),
  );
  const [sine, cosine] = [graph.sin(angle), graph.cos(angle)];
  return graph.add(cosine, graph.mul(isSine, graph.sub(sine, cosine)));
}
