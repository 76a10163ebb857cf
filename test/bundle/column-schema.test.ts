import { expect, test } from 'vitest';
import { TableColumnSchema } from '../../bundle/column-schema.ts';
import { columns } from './table-columns.ts';

test('a column of each kind passes the schema', () => {
  for (const column of columns) expect(TableColumnSchema.parse(column)).toEqual(column);
});
