import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parquetWriteFile } from 'hyparquet-writer';
import sharp from 'sharp';
import { readingOf, UNFIT } from '../bundle/column-reading.ts';
import type { TableColumn } from '../bundle/column-schema.ts';
import { quoteCsv } from '../bundle/csv.ts';
import { UserError } from '../bundle/error.ts';
import type { Manifest } from '../bundle/manifest.ts';
import { MAX_PIXELS } from '../bundle/png/chunks.ts';
import { makeCellReader } from '../bundle/tables/cell-reader.ts';
import { isTable } from '../bundle/tables/formats.ts';
import { Problem } from '../functions/http/problem.ts';
import { csv } from '../functions/samples/csv.ts';
import type { SampleFormat, Samples } from '../functions/samples/format.ts';
import { json } from '../functions/samples/json.ts';
import { png } from '../functions/samples/png.ts';
import { Random } from '../kernels/random.ts';
import { readImages } from '../training/data/readers/images.ts';
import { openTable } from '../training/data/readers/open-table.ts';
import { openSource } from '../training/data/source.ts';
import type { Bench, Log } from './harness.ts';
import { COLUMNS } from './reader-columns.ts';

/** Values of each kind of column, and pictures. */
interface Size {
  readonly values: number;
  readonly pictures: number;
}
const FULL: Size = { values: 4500, pictures: 400 };
const QUICK: Size = { values: 400, pictures: 40 };

/** Values and pictures that two paths read differently; files of others that are not read, or refused without reason. */
export const bench: Bench = {
  title: 'reading: the same values from files and requests',
  targets: {
    values_differing: { atMost: 0 },
    wide_csv_s: { atMost: 5 },
    parquet_testing_wrong: { atMost: 0 },
  },
  async run(log) {
    return { ...(await compare(FULL, log)), ...(await measureWide()), ...(await readFolder(log)) };
  },
  quick: { targets: { values_differing: { atMost: 0 } }, run: (log) => compare(QUICK, log) },
};

async function compare({ values, pictures }: Size, log: Log): Promise<Record<string, number>> {
  const random = new Random(1);
  const folder = await mkdtemp(join(tmpdir(), 'offmanifold-readers-'));
  let differing = 0;
  try {
    for (const column of COLUMNS) {
      const texts = Array.from({ length: values }, () => drawText(random));
      const numbers = Array.from({ length: values / 4 }, () => drawNumber(random));
      const wrong = [
        ...(await compareColumn(folder, column, texts)),
        ...(await compareColumn(folder, column, numbers)),
      ];
      for (const line of wrong.slice(0, 5)) log(line);
      log(`${column.kind}: ${wrong.length} of ${texts.length + numbers.length} values differ`);
      differing += wrong.length;
    }
    const wrong = await comparePictures(join(folder, 'pictures'), pictures, random);
    log(`pictures: ${wrong} of ${pictures} differ`);
    return {
      values_compared: COLUMNS.length * values * 1.25 + pictures,
      values_differing: differing + wrong,
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const pick = <T>(random: Random, of: readonly T[]): T => of[random.below(of.length)];

const WORDS = [
  ...[
    '',
    ' ',
    'NA',
    'n/a',
    'NaN',
    '-nan',
    'null',
    'None',
    '?',
    '-',
    '..',
    '#N/A',
    'unknown',
    'yes',
    'NO ',
    'True',
    'f',
  ],
  ...[
    '1',
    '0',
    '1.0',
    'Lima',
    'Lima ',
    ' Oslo',
    'oslo',
    '12',
    '12.0',
    '7',
    '7.00',
    'a "b", c',
    'é',
    'e\u0301',
    '\u00a05',
  ],
  ...[
    'Infinity',
    '1e400',
    '-1e400',
    '0x10',
    '0b11',
    '1_0',
    '१२',
    '12f',
    '\u22125',
    '--5',
    '+5',
    '.5',
    '5.',
    '.',
    'e5',
  ],
  ...[
    '1,5',
    '1.234,5 €',
    '€ 7',
    '(12,5)',
    '8,102.10',
    '17:59:42',
    '2 days 03:00:00',
    'PT1H',
    '99:99',
    'epoch',
    'now',
  ],
  ...[
    '2024-02-01T12:00:00Z',
    '2024-2-1',
    '2024/02/01',
    '2024-02',
    '2024-02-30',
    '2024-02-01 24:00',
    '31.05.2024',
    '31.5.2024 16:30',
    '05.31.2024',
  ],
  ...['2024-02-01 12:00:00 +0900', '2024-02-01t12:00z', '2024-02-01 12:00:00 UTC', '12024-02-01', '20240201'],
  ...[
    '="12.5"',
    "'12.5",
    '\u200e12.5',
    '\u200b',
    '1.5D+03',
    '12.5-',
    '1.234,50- €',
    '-1 days +23:00:00',
    '350ms',
    '58:12.5',
    '4830',
  ],
  ...[
    '1714521600000',
    '1714521600',
    '1,714,521,600,000',
    '1.5e12',
    '01MAY2024:12:00:00',
    '01/May/2024:12:00:00 +0000',
    'May 1, 2024',
    '20240501T120000Z',
    '2024-05-01T12:00:00+02:00[Europe/Berlin]',
  ],
  ...[
    'constructor',
    '-999',
    '-999.0',
    '__proto__',
    'toString',
    '[1]',
    '{"a":1}',
    'line\nbreak',
    'tab\there',
    '"',
    '""',
    ',',
    ';',
  ],
];
const LETTERS = [
  '0',
  '1',
  '5',
  '9',
  '.',
  ',',
  '-',
  '+',
  'e',
  'E',
  ' ',
  ':',
  '/',
  'T',
  'Z',
  '€',
  '%',
  '(',
  ')',
  'a',
  '"',
  '\u00a0',
];

/** A text that is a number, a date or a word in some form, or nearly one. */
function drawText(random: Random): string {
  const size = 10 ** (random.below(12) - 4);
  const value = size * random.normal();
  const date = new Date(1.7e12 + Math.round(3e11 * random.normal()));
  let text: string;
  switch (random.below(6)) {
    case 0:
      text = String(value);
      break;
    case 1:
      text = pick(random, [
        value.toFixed(random.below(9)),
        value.toExponential(),
        value.toPrecision(3 + random.below(14)),
      ]);
      break;
    case 2:
      text = value.toLocaleString(pick(random, ['de', 'en', 'fr', 'de-CH', 'en-IN']));
      break;
    case 3:
      text = date.toISOString().slice(0, pick(random, [10, 16, 19, 23, 24]));
      break;
    default:
      text = pick(random, WORDS);
  }
  // Now and then, a letter more, less or different.
  if (random.uniform() < 0.2) {
    const at = random.below(text.length + 1);
    text = text.slice(0, at) + pick(random, LETTERS) + text.slice(at + random.below(2));
  }
  return text;
}

const drawNumber = (random: Random): number =>
  pick(random, [
    0,
    1,
    -0,
    12,
    5_400_000 + random.normal(),
    1e39,
    Math.round(1000 * random.normal()),
    random.normal(),
    10 ** (60 * (random.uniform() - 0.5)),
    1_706_788_800,
  ]);

/** What a path makes of a value: the raw value, or that it is refused. */
type Found = number | 'refused';
const same = (a: Found, b: Found) => Object.is(a, b) || (a === 0 && b === 0);

/** Sends values of a column through every path; a sentence for each that two paths read differently. */
async function compareColumn(
  folder: string,
  column: TableColumn,
  values: readonly (string | number)[],
): Promise<string[]> {
  const typed = typeof values[0] === 'number';
  const files = {
    'values.csv': `c,more\n${values.map((value) => `${quoteAlways(String(value))},1`).join('\n')}\n`,
    'values.ndjson': values.map((value) => JSON.stringify({ c: value, more: 1 })).join('\n'),
  };
  const found = new Map<string, Found[]>();
  for (const [name, text] of Object.entries(files)) {
    await writeFile(join(folder, name), text);
    found.set(name, await readFileValues(join(folder, name), column));
  }
  const parquet = join(folder, 'values.parquet');
  await parquetWriteFile({
    filename: parquet,
    columnData: [{ name: 'c', data: [...values], type: typed ? 'DOUBLE' : 'STRING' }],
  });
  found.set('values.parquet', await readFileValues(parquet, column));
  found.set(
    'API, JSON',
    values.map((value) => request(json, JSON.stringify({ instances: [{ c: value, more: 1 }] }), column)),
  );
  found.set(
    'API, CSV',
    values.map((value) => request(csv, `c,more\n${quoteAlways(String(value))},1\n`, column)),
  );
  // In CSV, a number of a column with a notation of its own is written in this.
  if (typed && column.kind === 'number' && column.notation !== undefined) {
    found.delete('values.csv');
    found.delete('API, CSV');
  }
  const [[first, expected], ...others] = [...found];
  return values.flatMap((value, i) =>
    others
      .filter(([, own]) => !same(own[i], expected[i]))
      .map(
        ([name, own]) =>
          `${column.kind} ${JSON.stringify(value)}: ${expected[i]} in ${first}, ${own[i]} in ${name}`,
      )
      .slice(0, 1),
  );
}

const quoteAlways = (text: string) =>
  text === '' ? '""' : quoteCsv(text).startsWith('"') ? quoteCsv(text) : `"${text}"`;

async function readFileValues(path: string, column: TableColumn): Promise<Found[]> {
  await using table = await openTable(path);
  const own = table.columns.find(({ name }) => name === 'c')!;
  const read = makeCellReader(own, readingOf(column));
  const found: Found[] = [];
  for await (const { count, cells } of table.read([own])) {
    for (let i = 0; i < count; i++) {
      const raw = Math.fround(read(cells[0], i));
      found.push(raw === UNFIT ? 'refused' : raw);
    }
  }
  return found;
}

type Data = Manifest['data'];

/** What a manifest says of data of this shape. */
function describe(known: Pick<Data, 'shape' | 'scaling'> & Partial<Data>): Data {
  const features = known.shape.reduce((a, b) => a * b, 1);
  return {
    name: 'values',
    features,
    encoded: features,
    names: null,
    label: null,
    excluded: [],
    range: null,
    classes: [],
    splits: { train: 1, validation: 1, calibration: 1, test: 1 },
    ...known,
  };
}

/** What the API makes of one instance. */
function request(format: SampleFormat, body: string, column: TableColumn): Found {
  const data = describe({ shape: [1], names: ['c'], scaling: { kind: 'columns', columns: [column] } });
  try {
    const samples = format.read(
      new TextEncoder().encode(body),
      { data },
      { invert: false, maxPixels: MAX_PIXELS },
    );
    return (samples as Samples).values[0];
  } catch (error) {
    if (error instanceof Problem) return 'refused';
    throw error;
  }
}

/** Writes pictures of many kinds, and counts those whose pixels differ between a folder and a request. */
async function comparePictures(folder: string, count: number, random: Random): Promise<number> {
  await mkdir(folder);
  const kinds = ['b-w', 'srgb', 'rgb16', 'grey16'] as const;
  for (let i = 0; i < count; i++) {
    const [width, height] = [1 + random.below(50), 1 + random.below(50)];
    const pixels = Uint8Array.from({ length: width * height * 4 }, () => random.below(256));
    let image = sharp(pixels, { raw: { width, height, channels: 4 } });
    if (random.uniform() < 0.5) image = image.removeAlpha();
    image = image.toColourspace(pick(random, kinds));
    if (random.uniform() < 0.3) image = image.withIccProfile('p3');
    if (random.uniform() < 0.5) image = image.withMetadata({ orientation: 1 + random.below(8) });
    const options = {
      progressive: random.uniform() < 0.5,
      palette: random.uniform() < 0.2,
      adaptiveFiltering: true,
    };
    await image.png(options).toFile(join(folder, `${String(i).padStart(5, '0')}.png`));
  }
  let wrong = 0;
  for (const shape of [
    [20, 24, 3],
    [16, 9, 1],
  ]) {
    const { values, files } = await readImages(folder, shape);
    const size = shape.reduce((a, b) => a * b);
    const data = describe({ shape, range: [0, 255], scaling: { kind: 'range', low: 0, high: 255 } });
    for (const [i, file] of files.entries()) {
      const body = new Uint8Array(await readFile(join(folder, file)));
      const sent = await png.read(body, { data }, { invert: false, maxPixels: MAX_PIXELS });
      const own = values.subarray(i * size, (i + 1) * size);
      if (sent.values.some((value, p) => value !== own[p])) wrong++;
    }
  }
  return wrong;
}

/** Seconds to inspect 2,000 rows of 1,000 columns. */
async function measureWide(): Promise<Record<string, number>> {
  const folder = await mkdtemp(join(tmpdir(), 'offmanifold-wide-'));
  try {
    const path = join(folder, 'wide.csv');
    const random = new Random(1);
    const row = () => Array.from({ length: 1000 }, () => random.normal().toFixed(4)).join();
    const lines = [
      Array.from({ length: 1000 }, (_, j) => `x${j}`).join(),
      ...Array.from({ length: 2000 }, row),
    ];
    await writeFile(path, `${lines.join('\n')}\n`);
    const began = performance.now();
    const source = await openSource(path, {});
    await source.close();
    return { wide_csv_s: (performance.now() - began) / 1000 };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Messages that are of a library, not of us. */
const FOREIGN =
  /\b(INTERNAL|Binder|Parser|Conversion|Serialization|Cast) Error|undefined|\[object|\bat \S+:\d+/;

/** Reads every table in the folder that OFFMANIFOLD_FILES names, and counts crashes and messages that are not ours. */
async function readFolder(log: Log): Promise<Record<string, number>> {
  const folder = process.env.OFFMANIFOLD_FILES;
  if (!folder) {
    log('parquet_testing_wrong: not measured: OFFMANIFOLD_FILES names no folder');
    return {};
  }
  let [read, refused, wrong] = [0, 0, 0];
  for (const name of (await readdir(folder, { recursive: true })).sort().filter(isTable)) {
    try {
      const source = await openSource(join(folder, name), {});
      await source.close();
      read++;
    } catch (error) {
      const { message } = error as Error;
      refused++;
      if (error instanceof UserError && !FOREIGN.test(message)) continue;
      wrong++;
      log(`${name}: ${message.split('\n')[0]}`);
    }
  }
  log(`${read} files are read, ${refused} are refused`);
  return { files_read: read, parquet_testing_wrong: wrong };
}
