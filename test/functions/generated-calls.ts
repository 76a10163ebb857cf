import fc from 'fast-check';
import { encode } from 'fast-png';
import type { TableRecord } from '../../bundle/record.ts';
import { Random } from '../../kernels/random.ts';

/** A request. `valid`: whether it has to succeed by construction, or to fail; undefined if that depends. */
export interface Call {
  path: string;
  method: string;
  query: [string, string][];
  headers: Record<string, string>;
  body?: string | Uint8Array<ArrayBuffer>;
  valid?: boolean | undefined;
}

interface Body {
  type: string;
  body: string | Uint8Array<ArrayBuffer>;
  valid: boolean;
}

const SCORE = '/api/v1/score';
const PATHS = ['/api/v1/model', '/api/v1/health', '/api/openapi.json', '/api/docs', SCORE];

/** Requests to every path of an API whose score route gets these bodies. */
export function calls(bodies: fc.Arbitrary<Body>, features: number): fc.Arbitrary<Call> {
  const scores = fc
    .tuple(
      bodies,
      fc.oneof(
        { arbitrary: validQuery(features), weight: 4 },
        { arbitrary: invalidQuery(features), weight: 1 },
      ),
    )
    .map(([{ type, body, valid }, query]) => ({
      path: SCORE,
      method: 'POST',
      query: query.pairs,
      headers: { 'Content-Type': type },
      body,
      valid: valid && query.valid,
    }));
  const others = fc.record({
    path: fc.constantFrom(...PATHS),
    method: fc.constantFrom('GET', 'GET', 'GET', 'HEAD', 'PUT', 'DELETE', 'PATCH'),
    query: fc.constantFrom<[string, string][]>([], [['x', '1']]),
    headers: fc.constantFrom<Record<string, string>>(
      {},
      { 'If-None-Match': '*' },
      { 'If-None-Match': '"x"' },
    ),
  });
  return fc.oneof({ arbitrary: scores, weight: 3 }, { arbitrary: others, weight: 1 });
}

interface Query {
  pairs: [string, string][];
  valid: boolean;
}

const some = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });

const validQuery = (features: number): fc.Arbitrary<Query> =>
  fc
    .record({
      significance: some(fc.constantFrom('0.05', '1', '.5', '2e-1')),
      explain: some(fc.constantFrom('0', '1', '3', String(features))),
      fdr: some(fc.constantFrom('0.1', '0.999', '1e-3')),
      map: some(fc.constantFrom('true', 'false')),
    })
    .map((query) => ({
      pairs: Object.entries(query).filter((pair): pair is [string, string] => pair[1] !== undefined),
      valid: true,
    }));

const invalidQuery = (features: number): fc.Arbitrary<Query> =>
  fc
    .constantFrom<[string, string][]>(
      [['significance', '0']],
      [['significance', 'NaN']],
      [['explain', String(features + 1)]],
      [['explain', '1.5']],
      [['fdr', '1']],
      [['map', '1']],
      [
        ['map', 'true'],
        ['map', 'true'],
      ],
      [['invert', 'perhaps']],
      [['Explain', '1']],
      [['é'.repeat(200), '']],
    )
    .map((pairs) => ({ pairs, valid: false }));

const text = (type: string, body: string, valid: boolean): Body => ({ type, body, valid });
const json = (instances: unknown[], valid: boolean): Body =>
  text('application/json', JSON.stringify({ instances }), valid);

/** Bodies that no model accepts. */
const broken: fc.Arbitrary<Body> = fc.oneof(
  fc.json().map((body) => text('application/json', body, false)),
  fc.string().map((body) => text('application/json', body, false)),
  fc.constantFrom(
    json([], false),
    json([1], false),
    json([null], false),
    json([[[1]]], false),
    json(new Array(65).fill([]), false),
    text('application/json', '', false),
    text('application/xml', '<a/>', false),
    text('', 'a', false),
    text('x'.repeat(300), 'a', false),
  ),
);

/** Bodies for a model of grey images of `features` pixels from 0 to 255. */
export function imageBodies(features: number): fc.Arbitrary<Body> {
  const side = Math.sqrt(features);
  const bytes = (count: number, seed: number) => {
    const random = new Random(seed);
    return Uint8Array.from({ length: count * features }, () => 256 * random.uniform());
  };
  const seeded = fc.tuple(fc.integer({ min: 1, max: 3 }), fc.nat());
  const rows = seeded.map(([n, seed]) => Array.from({ length: n }, (_, i) => [...bytes(1, seed + i)]));
  const octets = seeded.map(([n, seed]) => bytes(n, seed));
  const png = seeded.map(([n, seed]) => {
    const data = bytes(n, seed);
    return encode({ width: side, height: n * side, data, channels: 1 }) as Uint8Array<ArrayBuffer>;
  });
  const of = (type: string, valid: boolean) => (body: Uint8Array<ArrayBuffer>) => ({ type, body, valid });
  const wrong = fc.constantFrom<unknown>(-1, 256, null, '1', [], true);
  const good = fc.oneof(
    rows.map((instances) => json(instances, true)),
    octets.map(of('application/octet-stream', true)),
    png.map(of('image/png', true)),
  );
  return fc.oneof(
    { arbitrary: good, weight: 8 },
    fc
      .tuple(rows, wrong)
      .map(([instances, value]) => json([...instances, instances[0]!.with(3, value as number)], false)),
    octets.map((body) => of('application/octet-stream', false)(body.slice(1))),
    octets.map(of('image/png', false)),
    png.map((body) => of('image/png', false)(body.slice(0, -20))),
    png.map(of('text/csv', false)),
    fc.constant(of('application/octet-stream', false)(new Uint8Array(65 * features))),
    fc.constant(of('application/octet-stream', false)(new Uint8Array(4 * 2 ** 20 + 1))),
    broken,
  );
}

/** Bodies for a model of a table, made of records that it accepts. */
export function tableBodies(records: readonly TableRecord[]): fc.Arbitrary<Body> {
  const names = Object.keys(records[0]!);
  const one = fc.constantFrom(...records);
  const field = fc.constantFrom(...names);
  const edited = (value: fc.Arbitrary<unknown>) =>
    fc.tuple(one, field, value).map(([record, name, value]) => ({ ...record, [name]: value }));
  const csv = (some: readonly TableRecord[]) =>
    [names, ...some.map((record) => names.map((name) => record[name] ?? ''))]
      .map((row) => row.join())
      .join('\n');
  const several = fc.array(one, { minLength: 1, maxLength: 64 });
  return fc.oneof(
    several.map((instances) => json(instances, true)),
    several.map((some) =>
      json(
        some.map((record) => names.map((name) => record[name]!)),
        true,
      ),
    ),
    several.map((some) => text('text/csv', csv(some), true)),
    edited(fc.constant(null)).map((record) => json([record], true)),
    one.map((record) => json([{ ...record, shoes: 43, city: 'Atlantis' }], true)),
    edited(fc.constantFrom<unknown>([], {}, [[1]])).map((record) => json([record], false)),
    one.map(({ [names[0]!]: _, ...record }) => json([record], false)),
    several.map((some) => text('text/csv', `${csv(some)}\n1,2`, false)),
    several.map((some) => text('application/octet-stream', csv(some), false)),
    broken,
  );
}
