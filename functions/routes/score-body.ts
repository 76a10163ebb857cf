import * as z from 'zod';
import { describeAccepted } from '../../bundle/column-display.ts';
import type { TableColumn } from '../../bundle/column-schema.ts';
import { isCount } from '../../bundle/column-traits.ts';
import { quoteCsv } from '../../bundle/csv.ts';
import { kindOf, tableColumns } from '../../bundle/kind.ts';
import type { Manifest } from '../../bundle/manifest.ts';
import { MAX_SIDE } from '../../bundle/png/chunks.ts';
import { type TableRecord, toRecord, typicalRow } from '../../bundle/record.ts';
import { isRedacted } from '../model/redact.ts';
import { csv } from '../samples/csv.ts';
import { json, sketchInstance } from '../samples/json.ts';
import { MAX_INSTANCES } from '../samples/limits.ts';
import { octets } from '../samples/octets.ts';
import { png } from '../samples/png.ts';
import { supportedFormats } from '../samples/read.ts';

type Data = Manifest['data'];

/** Describes the body for each media type that fits the model, in Markdown. */
export function describeBody(manifest: Manifest, maxPixels: number): string {
  const types = supportedFormats(manifest).map(
    ({ type }) => `* \`${type}\`: ${describeFormat(type, manifest.data, maxPixels)}`,
  );
  const intro = types.length === 1 ? 'The body:' : 'The body, by its `Content-Type`:';
  return `${intro}\n\n${types.join(';\n')}.${describeInstance(manifest.data)}`;
}

function describeFormat(type: string, data: Data, maxPixels: number): string {
  const { features, range, shape } = data;
  const values = range ? `${features} numbers from ${range.join(' to ')}` : `${features} numbers`;
  const count = `1 to ${MAX_INSTANCES} instances`;
  switch (type) {
    case json.type:
      return kindOf(data) === 'table'
        ? `\`{"instances": [${sketchInstance(data)}, …]}\`, ${count}: each an object with the column names as keys, or an array of ${features} values in column order`
        : `\`{"instances": [[${values}], …]}\`, ${count}`;
    case csv.type:
      return `a header with the names of the columns, in any order, then one line per instance, ${count} (RFC 4180); commas, semicolons, tabs or pipes separate values`;
    case octets.type:
      return `${features} bytes per instance, one per value, ${count}`;
    default:
      return `one image of any colour type and depth, with at most ${maxPixels} pixels and ${MAX_SIDE} per
  side. It is put on black, ${shape[2] === 1 ? 'reduced to its luminance' : 'read as red, green and blue'} and fitted into ${shape[1]} × ${shape[0]} pixels with
  its aspect ratio kept`;
  }
}

/** Describes the values of an instance: the columns of a table, or the order of an image's values. */
function describeInstance(data: Data): string {
  if (kindOf(data) === 'table') return `\n\n${describeColumns(tableColumns(data))}`;
  return data.shape.length > 1 ? ` An instance is ${data.shape.join(' × ')} values, row-major.` : '';
}

/** At most this many columns are listed in words. The schema has all of them. */
const MAX_LISTED = 100;

function describeColumns(columns: readonly TableColumn[]): string {
  const rows = columns.slice(0, MAX_LISTED).map((column) => {
    const optional = column.missing_share > 0 ? 'yes' : 'no';
    return `| \`${column.name.replaceAll('|', '\\|')}\` | ${describeColumn(column)} | ${optional} |`;
  });
  const more = columns.length - MAX_LISTED;
  return `
| column | value | optional |
| --- | --- | --- |
${rows.join('\n')}
${more > 0 ? `\nand ${more} more: \`GET /api/v1/model\` lists them all.\n` : ''}
\`null\` means missing, in every column. An optional column, one that was missing in some training rows, may also be
absent. A category that training did not see, and a gap in a column that had none, say nothing about an instance: the
answer counts them in \`unknown_values\`. Other fields are ignored; the answer lists them in
\`unused_fields\`, except for the label and the columns that were excluded from training.`.trim();
}

function describeColumn(column: TableColumn): string {
  if (column.kind !== 'category') return describeAccepted(column).replaceAll('|', '\\|');
  const { categories } = column;
  if (isRedacted(categories)) return 'text';
  const first = categories.slice(0, 8).map((name) => JSON.stringify(name));
  const rest = categories.length > 8 ? ` and ${categories.length - 8} more` : '';
  return `text: ${first.join(', ')}${rest}; any other is unknown`.replaceAll('|', '\\|');
}

/** The schemas and examples of the body, by media type. */
export function buildBodyContent(manifest: Manifest) {
  const binary = (type: string, file: string) => ({
    schema: { type: 'string', format: 'binary' } as const,
    examples: {
      'From a file': {
        summary: 'From a file',
        description: `\`curl -H 'Content-Type: ${type}' --data-binary @${file} /api/v1/score\``,
      },
    },
  });
  const contents = {
    [json.type]: {
      schema: z
        .strictObject({ instances: z.array(instanceSchema(manifest.data)).min(1).max(MAX_INSTANCES) })
        .meta({ id: 'Instances' }),
      example: exampleBody(manifest),
    },
    [csv.type]: { schema: { type: 'string' } as const, example: exampleCsv(manifest.data) },
    [octets.type]: binary(octets.type, 'samples.u8'),
    [png.type]: binary(png.type, 'image.png'),
  };
  return Object.fromEntries(supportedFormats(manifest).map(({ type }) => [type, contents[type]]));
}

/** The body of a request in JSON, with one ordinary instance. */
export const exampleBody = ({ data }: Manifest) => ({ instances: [exampleInstance(data)] });

function instanceSchema(data: Data) {
  const { features, range } = data;
  if (kindOf(data) === 'table') {
    const fields = tableColumns(data).map((column) => [column.name, fieldSchema(column)]);
    const values = z.union([z.number(), z.string(), z.boolean(), z.null()]);
    return z.union([z.looseObject(Object.fromEntries(fields)), z.array(values).min(features).max(features)]);
  }
  const value = range ? z.number().min(range[0]).max(range[1]) : z.number();
  return z.array(value).min(features).max(features);
}

function fieldSchema(column: TableColumn): z.ZodType {
  const field = valueSchema(column).nullable().describe(describeAccepted(column));
  return column.missing_share > 0 ? field.optional() : field;
}

/** What a column accepts; texts and numbers in the forms that the training data has. */
function valueSchema(column: TableColumn): z.ZodType {
  switch (column.kind) {
    case 'number':
      return column.notation ? z.union([z.number(), z.string()]) : z.number();
    case 'flag':
      return z.union([z.boolean(), isCount(column) ? z.number() : z.literal([0, 1]), z.string()]);
    case 'category':
      return z.union([z.string(), z.number(), z.boolean()]);
    case 'date':
      return column.epoch ? z.union([z.string(), z.number()]) : z.string();
  }
}

/** An ordinary instance: a typical record, the mean of each feature, a black image. */
function exampleInstance({ features, range, scaling }: Data): TableRecord | number[] {
  if (scaling.kind === 'columns') return toRecord(scaling.columns, typicalRow(scaling.columns));
  const [minimum, maximum] = range ?? [-Infinity, Infinity];
  const values = scaling.kind === 'standard' ? scaling.mean : new Array<number>(features).fill(scaling.low);
  return values.map((value) => Math.min(Math.max(Number(value.toPrecision(4)), minimum), maximum));
}

function exampleCsv(data: Data): string {
  const record = exampleInstance(data);
  const write = (values: unknown[]) => values.map((value) => quoteCsv(String(value ?? ''))).join();
  return `${write(Object.keys(record))}\n${write(Object.values(record))}\n`;
}
