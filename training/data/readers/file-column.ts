/** A column of a file, before it is known what the model makes of it. */
export interface FileColumn {
  readonly name: string;
  readonly type: 'number' | 'boolean' | 'date' | 'text';
  /** SQL for its values: numbers, booleans, timestamps, or texts. */
  readonly value: string;
  /** SQL for its values as texts. */
  readonly text: string;
}

/** A column that cannot be read: a list, a record in a record, a type that fits none of the kinds. */
export interface UnreadableColumn {
  readonly name: string;
  readonly why: string;
}

const NUMBER = /^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|FLOAT|DOUBLE|DECIMAL\(.*\))$/;
const DATE = /^(DATE|TIMESTAMP.*)$/;
const TEXT = /^(VARCHAR|UUID|ENUM\(.*\))$/;
const NESTED = /^(STRUCT|MAP|UNION)\(|\[\d*\]$/;

/** Longest name of a type in a message. */
const SHOWN = 40;

/** Describes a column of DuckDB's type `type`; `sql` is its name in SQL. */
export function describeColumn(name: string, sql: string, type: string): FileColumn | UnreadableColumn {
  if (NESTED.test(type)) {
    const shown = type.length > SHOWN ? `${type.slice(0, SHOWN - 1)}…` : type;
    return { name, why: `it holds lists or records (${shown})` };
  }
  if (type === 'JSON') return { name, type: 'text', value: `(${sql} ->> '$')`, text: `(${sql} ->> '$')` };
  if (type === 'VARCHAR') return { name, type: 'text', value: sql, text: sql };
  const text = `CAST(${sql} AS VARCHAR)`;
  if (NUMBER.test(type)) return { name, type: 'number', value: sql, text };
  if (type === 'BOOLEAN') return { name, type: 'boolean', value: sql, text };
  if (DATE.test(type)) return { name, type: 'date', value: `CAST(${sql} AS TIMESTAMP)`, text };
  if (TEXT.test(type)) return { name, type: 'text', value: text, text };
  return { name, why: `its values are of type ${type}` };
}
