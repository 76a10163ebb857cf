import type { TableColumn } from '../../../bundle/column-schema.ts';

export type ColumnKind = TableColumn['kind'];
