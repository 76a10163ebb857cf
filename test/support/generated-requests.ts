import { kindOf, tableColumns } from '../../bundle/kind.ts';
import type { Manifest } from '../../bundle/manifest.ts';
import { toRecord, typicalRow } from '../../bundle/record.ts';
import { Random } from '../../kernels/random.ts';
import { joined, pngOf } from './png-support.ts';

/** A request to the API; `valid` if nothing in it is wrong, and then how many samples it has. */
export interface Generated {
  readonly method: string;
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: Uint8Array<ArrayBuffer> | undefined;
  readonly valid: boolean;
  readonly samples: number;
}

interface Body {
  readonly type: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly samples: number;
}

const ROUTES = ['/api/v1/model', '/api/v1/health', '/api/docs', '/api/openapi.json'];
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/** Texts that programs trip over. */
const HOSTILE = [
  '', ' ', '\0', '__proto__', 'constructor', 'toString', 'NaN', '-Infinity', '1e400', '-0', '0x10', '1_000', '٣',
  'null', 'true', '../../etc/passwd', '%00', '%', '%E0%A4%A', "' OR 1=1 --", '<script>', '\u202e', '\ud800', '💥',
  'ä'.repeat(70), 'a'.repeat(5000), '9'.repeat(400), '[[[[', '{"a":', '1'.padEnd(60, '0'),
]; // biome-ignore format: a list

/** JSON that is no samples. */
const SHAPES = ['null', '1', '"x"', '[]', '{}', '[null]'].flatMap((value) => [
  value,
  `{"instances": ${value}}`,
  `{"instances": [${value}, ${value}]}`,
  `{"instances": [[${value}], {"x": ${value}}]}`,
]);

const TYPES = ['application/json', 'text/csv', 'application/octet-stream', 'image/png'];

const encode = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(new TextEncoder().encode(text));

/** Makes request number `i` of a sequence: half of all are valid, the others broken or hostile. */
export function makeRequest(seed: number, i: number, manifest: Manifest, keys: readonly string[]): Generated {
  const random = Random.stream(seed, i);
  const one = <T>(list: readonly T[]): T => list[random.below(list.length)]!;
  const chance = (p: number) => random.uniform() < p;
  const sane = chance(0.5);
  const odd = (p: number) => !sane && chance(p);
  const score = chance(0.75);
  const valid = sane;

  let path = score ? '/api/v1/score' : one(ROUTES);
  if (odd(0.15))
    path = one([
      `/api/${encodeURIComponent(ascii(one(HOSTILE)))}`,
      `${path}/`,
      `/${path}`,
      '/api',
      '/api/v1/%73core',
    ]);
  let method = score ? 'POST' : one(['GET', 'GET', 'HEAD']);
  if (odd(0.15)) method = one(METHODS);

  const query = new URLSearchParams();
  if (score && chance(0.4)) {
    if (chance(0.5)) query.set('significance', one(['0.05', '1', '0.5']));
    if (chance(0.3)) query.set('explain', one(['0', '1', '3']));
    if (chance(0.3)) query.set('fdr', one(['0.1', '0.5']));
    if (chance(0.3)) query.set('map', 'false');
  }
  if (odd(0.3)) {
    for (let k = random.below(4); k >= 0; k--) {
      query.append(
        one(['significance', 'explain', 'fdr', 'map', 'invert', one(HOSTILE)]),
        one([...HOSTILE, 'true', '2']),
      );
    }
  }

  const headers: Record<string, string> = {};
  if (keys.length > 0) headers.Authorization = `Bearer ${one(keys)}`;
  if (chance(0.2)) headers.Origin = 'https://a.example';
  if (chance(0.1)) headers['If-None-Match'] = one(['"x"', '*']);
  if (odd(0.3)) {
    const name = one([
      'Authorization',
      'Origin',
      'If-None-Match',
      'X-Request-Id',
      'CF-Ray',
      'CF-Connecting-IP',
      'Accept',
    ]);
    headers[name] = one([ascii(one(HOSTILE)), 'Bearer', 'Bearer x', '1:2::3', '::::::::']);
  }

  let body: Body | undefined;
  if (method !== 'GET' && method !== 'HEAD' && (score || odd(0.5))) {
    body = makeBody(random, manifest);
    if (odd(0.7)) body = chance(0.5) ? { ...body, bytes: damage(random, body.bytes) } : makeNoSamples(random);
    headers['Content-Type'] = body.type;
    if (odd(0.15))
      headers['Content-Type'] = one([...TYPES, ascii(one(HOSTILE)), `${body.type}; charset=utf-16`]);
    if (odd(0.05)) headers['Content-Encoding'] = one(['gzip', 'identity', ascii(one(HOSTILE))]);
    if (odd(0.05)) headers['Content-Length'] = one(['0', '-1', '99999999999', '1e9', 'x']);
  }
  const search = query.size > 0 ? `?${query}` : '';
  return { method, path: path + search, headers, body: body?.bytes, valid, samples: body?.samples ?? 0 };
}

/** What may stand in a header. */
const ascii = (text: string): string => text.replace(/[^\x20-\x7e]/g, '?').trim();

/** A valid body in one of the formats of the model. */
function makeBody(random: Random, manifest: Manifest): Body {
  const samples = 1 + (random.below(4) === 0 ? random.below(8) : 0);
  return kindOf(manifest.data) === 'table'
    ? makeTable(random, manifest, samples)
    : makeImages(random, manifest, samples);
}

function makeTable(random: Random, { data }: Manifest, samples: number): Body {
  const columns = tableColumns(data);
  const rows = Array.from({ length: samples }, () => {
    const row = typicalRow(columns);
    for (const [j, { kind }] of columns.entries()) if (kind === 'number') row[j]! += random.normal();
    return toRecord(columns, row);
  });
  if (random.below(2) === 0) {
    return { type: 'application/json', bytes: encode(JSON.stringify({ instances: rows })), samples };
  }
  const names = columns.map(({ name }) => name);
  const lines = [names, ...rows.map((row) => names.map((name) => row[name] ?? ''))].map((line) =>
    line.join(),
  );
  return { type: 'text/csv', bytes: encode(`${lines.join('\n')}\n`), samples };
}

function makeImages(random: Random, { data: { features, shape } }: Manifest, samples: number): Body {
  const bytes = Uint8Array.from({ length: samples * features }, () => random.bits() >>> 24);
  const [height, width] = shape as [number, number];
  switch (random.below(3)) {
    case 0: {
      const instances = Array.from({ length: samples }, (_, i) => [
        ...bytes.subarray(i * features, (i + 1) * features),
      ]);
      return { type: 'application/json', bytes: encode(JSON.stringify({ instances })), samples };
    }
    case 1: {
      const lines = new Uint8Array(height * (1 + width));
      for (let y = 0; y < height; y++) {
        lines[y * (1 + width)] = random.below(5);
        lines.set(bytes.subarray(y * width, (y + 1) * width), y * (1 + width) + 1);
      }
      const png = pngOf({ width, height, depth: 8, colour: 0 }, lines);
      return { type: 'image/png', bytes: Uint8Array.from(png), samples: 1 };
    }
    default:
      return { type: 'application/octet-stream', bytes, samples };
  }
}

/** Damages bytes: cuts them, changes some, puts something in between, or replaces them. */
function damage(random: Random, bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const at = random.below(bytes.length + 1);
  const hostile = encode(HOSTILE[random.below(HOSTILE.length)]!);
  switch (random.below(4)) {
    case 0:
      return bytes.slice(0, at);
    case 1: {
      const changed = bytes.slice();
      for (let k = random.below(4); k >= 0; k--) changed[random.below(bytes.length)] = random.bits();
      return changed;
    }
    case 2:
      return joined([bytes.subarray(0, at), hostile, bytes.subarray(at)]);
    default:
      return hostile;
  }
}

/** JSON of another shape than samples have. */
function makeNoSamples(random: Random): Body {
  const value = JSON.stringify(HOSTILE[random.below(HOSTILE.length)]);
  const texts = [
    ...SHAPES,
    '['.repeat(1 + random.below(20_000)),
    `{"instances": [${value}]}`,
    `{"instances": [{${value}: ${value}}, [1e400, -0, null]]}`,
  ];
  return { type: 'application/json', bytes: encode(texts[random.below(texts.length)]!), samples: 0 };
}
