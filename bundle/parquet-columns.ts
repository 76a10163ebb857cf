import { readColumn } from 'hyparquet/src/column.js';
import { DEFAULT_PARSERS } from 'hyparquet/src/convert.js';
import { parquetMetadata, parquetSchema } from 'hyparquet/src/metadata.js';
import { getTreePath } from 'hyparquet/src/schema.js';

/** Values of a column, from a row on. */
interface Chunk {
  readonly start: number;
  readonly values: ArrayLike<unknown>;
}

/**
 * Reads all columns of a Parquet file in memory, without nesting, and compressed by Snappy if at all. `parquetRead` does
 * the same, but brings filters, page indexes and Bloom filters, which a page would fetch before it draws its map.
 */
export function readColumns(file: ArrayBuffer): { count: number; columns: Map<string, Chunk[]> } {
  const metadata = parquetMetadata(file);
  const schema = parquetSchema(metadata);
  const columns = new Map<string, Chunk[]>();
  let start = 0;
  for (const { columns: parts, num_rows } of metadata.row_groups) {
    const rows = Number(num_rows);
    for (const { meta_data } of parts) {
      if (!meta_data) throw new Error('a column has no metadata');
      const { path_in_schema: path, total_compressed_size: bytes } = meta_data;
      const offset = Number(meta_data.dictionary_page_offset || meta_data.data_page_offset);
      const schemaPath = getTreePath(schema, path);
      const { data } = readColumn(
        { view: new DataView(file, offset, Number(bytes)), offset: 0 },
        { groupStart: start, selectStart: 0, selectEnd: rows, groupRows: rows },
        {
          ...meta_data,
          pathInSchema: path,
          schemaPath,
          element: schemaPath.at(-1)!.element,
          parsers: DEFAULT_PARSERS,
        },
      );
      const chunks = columns.get(path[0]!) ?? [];
      let at = start;
      for (const values of data) {
        chunks.push({ start: at, values });
        at += values.length;
      }
      columns.set(path[0]!, chunks);
    }
    start += rows;
  }
  return { count: start, columns };
}
