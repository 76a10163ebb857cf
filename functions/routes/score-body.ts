import { z } from '@hono/zod-openapi';
import { accepted, type TableColumn } from '../../bundle/columns.ts';
import { quoteCsv } from '../../bundle/csv.ts';
import type { Manifest } from '../../bundle/manifest.ts';
import { recordOf, type TableRecord, typicalRow } from '../../bundle/record.ts';
import { MAX_PIXELS, MAX_SIDE } from '../png/chunks.ts';
import { csv } from '../samples/csv.ts';
import { formatsOf } from '../samples/index.ts';
import { json, shapeOf } from '../samples/json.ts';
import { MAX_INSTANCES } from '../samples/limits.ts';
import { octets } from '../samples/octets.ts';
import { png } from '../samples/png.ts';

type Data = Manifest['data'];

/** What a body of each media type holds, for the model of the manifest, in Markdown. */
export function describeBody(manifest: Manifest): string {
  const types = formatsOf(manifest).map(({ type }) => `* \`${type}\`: ${bodyOf(type, manifest.data)}`);
  const intro = types.length === 1 ? 'One kind of body:' : 'Kinds of body, told apart by `Content-Type`:';
  return `${intro}\n\n${types.join(';\n')}.${orderOf(manifest.data)}`;
}

function bodyOf(type: string, data: Data): string {
  const { features, range, shape, scaling } = data;
  const values = range ? `${features} numbers from ${range.join(' to ')}` : `${features} numbers`;
  const count = `1 to ${MAX_INSTANCES} instances`;
  switch (type) {
    case json.type:
      return scaling.kind === 'columns'
        ? `\`{"instances": [${shapeOf(data)}, …]}\`, ${count}: each an object by the names of the columns, or an array of ${features} values in their order`
        : `\`{"instances": [[${values}], …]}\`, ${count}`;
    case csv.type:
      return `a line with the names of the columns, in any order, then a line for each of ${count}, separated by commas (RFC 4180)`;
    case octets.type:
      return `${features} bytes an instance, each the value itself, ${count}`;
    default:
      return `one image of any colour type and depth, of at most ${MAX_PIXELS / 2 ** 20} × 2²⁰ pixels and ${MAX_SIDE} a
  side. It is laid on black, ${shape[2] === 1 ? 'reduced to its luminance' : 'taken as red, green and blue'} and fitted into ${shape[1]} × ${shape[0]} pixels, keeping
  its aspect ratio`;
  }
}

/** What the values of an instance are: the columns of a table, or the order of an image's values. */
function orderOf({ shape, scaling }: Data): string {
  if (scaling.kind === 'columns') return `\n\n${describeColumns(scaling.columns)}`;
  return shape.length > 1 ? ` An instance is ${shape.join(' × ')} values, row-major.` : '';
}

/** The most columns that are listed in words: the schema has them all. */
const LISTED = 100;

function describeColumns(columns: readonly TableColumn[]): string {
  const rows = columns.slice(0, LISTED).map((column) => {
    const mayBeAbsent = column.missing_share > 0 ? 'yes' : 'no';
    return `| \`${column.name.replaceAll('|', '\\|')}\` | ${acceptedWords(column)} | ${mayBeAbsent} |`;
  });
  const more = columns.length - LISTED;
  return `
| column | value | may be left out |
| --- | --- | --- |
${rows.join('\n')}
${more > 0 ? `\nand ${more} more: \`GET /api/v1/model\` lists them all.\n` : ''}
\`null\` is missing, in every column; a column that was missing in some rows of the training may be left out instead.
A category that the training has not seen is accepted, and means that it is unknown. Fields that are no column are
passed over; the answer names them in \`unused_fields\`, but for those that the training left out.`.trim();
}

function acceptedWords(column: TableColumn): string {
  if (column.kind !== 'category') return accepted(column).replaceAll('|', '\\|');
  const { categories } = column;
  const shown = categories
    .slice(0, 8)
    .map((name) => JSON.stringify(name))
    .join(', ');
  const rest = categories.length > 8 ? ` and ${categories.length - 8} more` : '';
  return `a text: ${shown}${rest}; any other is unknown`.replaceAll('|', '\\|');
}

/** The schemas and examples of the bodies, by media type. */
export function bodyContent(manifest: Manifest) {
  const binary = (type: string, file: string) => ({
    schema: { type: 'string', format: 'binary' } as const,
    examples: {
      'From a file': {
        summary: 'From a file',
        description: `\`curl -H 'Content-Type: ${type}' --data-binary @${file} /api/v1/score\``,
      },
    },
  });
  const kinds = {
    [json.type]: {
      schema: z
        .strictObject({ instances: z.array(instanceOf(manifest.data)).min(1).max(MAX_INSTANCES) })
        .openapi('Instances'),
      example: { instances: [plainInstance(manifest)] },
    },
    [csv.type]: { schema: { type: 'string' } as const, example: csvExample(manifest) },
    [octets.type]: binary(octets.type, 'samples.u8'),
    [png.type]: binary(png.type, 'image.png'),
  };
  return Object.fromEntries(formatsOf(manifest).map(({ type }) => [type, kinds[type]]));
}

function instanceOf({ features, range, scaling }: Data) {
  if (scaling.kind === 'columns') {
    const fields = scaling.columns.map((column) => [column.name, fieldOf(column)]);
    const values = z.union([z.number(), z.string(), z.boolean(), z.null()]);
    return z.union([z.looseObject(Object.fromEntries(fields)), z.array(values).min(features).max(features)]);
  }
  const value = range ? z.number().min(range[0]).max(range[1]) : z.number();
  return z.array(value).min(features).max(features);
}

function fieldOf(column: TableColumn): z.ZodType {
  const kinds = {
    number: z.number(),
    flag: z.union([z.boolean(), z.literal([0, 1]), z.string()]),
    category: z.union([z.string(), z.number(), z.boolean()]),
    date: z.string(),
  };
  const field = kinds[column.kind].nullable().describe(accepted(column));
  return column.missing_share > 0 ? field.optional() : field;
}

/** An instance with nothing special in it: a typical record, the mean of a table's features, a black image. */
function plainInstance({ data: { features, range, scaling } }: Manifest): TableRecord | number[] {
  if (scaling.kind === 'columns') return recordOf(scaling.columns, typicalRow(scaling.columns));
  const [minimum, maximum] = range ?? [-Infinity, Infinity];
  const values = scaling.kind === 'standard' ? scaling.mean : new Array<number>(features).fill(scaling.low);
  return values.map((value) => Math.min(Math.max(Number(value.toPrecision(4)), minimum), maximum));
}

function csvExample(manifest: Manifest): string {
  const quoted = (value: unknown) => quoteCsv(value === null ? '' : String(value));
  const record = plainInstance(manifest);
  return `${Object.keys(record).map(quoted).join()}\n${Object.values(record).map(quoted).join()}\n`;
}
