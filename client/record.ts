/** A value of a record; null is missing. The service reads a Date as its ISO text. */
export type Value = number | string | boolean | Date | null;

/** A record of a table whose columns are not known when the program is compiled. */
export type TableRecord = Readonly<Record<string, Value | undefined>>;

/** What describes a column in `manifest.json` and in the answer of `GET /api/v1/model`. */
export interface Column {
  readonly kind: 'number' | 'flag' | 'category' | 'date';
  readonly name: string;
  /** Share of the training rows in which the value is missing. */
  readonly missing_share: number;
  /** Of a flag: the words for false and true. */
  readonly words?: readonly string[];
  /** Of a category: those of the training rows. Others are unknown to the model. */
  readonly categories?: readonly string[];
}

/**
 * The type of a record for a model: a field for each column, optional if training rows lacked it. `Model` is the type of
 * its `manifest.json`, or of the answer of `GET /api/v1/model`, written down `as const`. Without columns in the type, any
 * record will do.
 */
export type RecordOf<Model> = Model extends {
  readonly data: { readonly scaling: { readonly columns: readonly (infer C extends Column)[] } };
}
  ? // Written out, so that editors show the fields.
    Fields<C> extends infer Record
    ? { [Name in keyof Record]: Record[Name] }
    : never
  : TableRecord;

type Fields<C extends Column> = {
  readonly [K in C as K['missing_share'] extends 0 ? K['name'] : never]: ValueOf<K> | null;
} & {
  readonly [K in C as K['missing_share'] extends 0 ? never : K['name']]?: ValueOf<K> | null;
};

/** The known texts are suggested, others are accepted. */
type Suggested<Known> = Known | (string & {});

type ValueOf<C extends Column> = {
  number: C extends { readonly notation: unknown } ? number | string : number;
  flag:
    | boolean
    | (C extends { readonly words: readonly ['0', '1'] } ? number : 0 | 1)
    | (C extends { readonly words: readonly (infer W)[] } ? W : string);
  category:
    | number
    | boolean
    | (C extends { readonly categories: readonly (infer N)[] } ? Suggested<N> : string);
  date: string | Date | (C extends { readonly epoch: unknown } ? number : never);
}[C['kind']];
