import { describe, expectTypeOf, test } from 'vitest';
import type * as z from 'zod';
import type { TableColumn } from '../../bundle/column-schema.ts';
import type { ScoreResponse } from '../../bundle/score-response.ts';
import {
  type Client,
  type Column,
  createClient,
  type Model,
  type RecordOf,
  type ScoreAnswer,
  type TableRecord,
} from '../../client/index.ts';
import type { ModelSchema } from '../../functions/routes/model-schema.ts';

// `npm run types` checks this file; running it checks nothing.

const model = {
  name: 'pumps',
  data: {
    scaling: {
      kind: 'columns',
      columns: [
        { kind: 'number', name: 'load', missing_share: 0, scaling: 'standard', knots: [] },
        {
          kind: 'number',
          name: 'price',
          missing_share: 0.25,
          notation: { decimal: ',', group: '', unit: '€' },
        },
        { kind: 'flag', name: 'boost', missing_share: 0, words: ['no', 'yes'], share: 0.5 },
        { kind: 'category', name: 'site', missing_share: 0, categories: ['hill', 'dale'] },
        { kind: 'date', name: 'time', missing_share: 0.5, clock: true },
        { kind: 'date', name: 'sent', missing_share: 0.5, epoch: 'seconds' },
      ],
    },
  },
} as const;

interface Expected {
  readonly load: number | null;
  readonly boost: boolean | 0 | 1 | 'no' | 'yes' | null;
  readonly site: 'hill' | 'dale' | (string & {}) | number | boolean | null;
  readonly price?: number | string | null;
  readonly time?: string | Date | null;
  readonly sent?: string | Date | number | null;
}

describe('the record of a model', () => {
  type Pump = RecordOf<typeof model>;
  const pump = { load: 0.5, boost: true, site: 'hill' } as const;

  test('has the columns of its description', () => {
    expectTypeOf<Pump>().toEqualTypeOf<Expected>();
    expectTypeOf<{ load: 1; boost: 'yes'; site: 'a new one'; price: '1,5 €'; time: Date }>().toExtend<Pump>();
  });

  test('is what its client scores, or its values in order', () => {
    expectTypeOf(createClient<Pump>).returns.toEqualTypeOf<Client<Pump>>();
    const score = (_samples: Parameters<Client<Pump>['score']>[0]) => {};
    score([pump, { ...pump, load: null, price: 2 }, [1, 2, true, 'hill', null], Float32Array.of(1)]);
    score([] as readonly Pump[]);
    // @ts-expect-error: an array is needed, but scoreEach takes any iterable
    score(new Set([pump]));
    expectTypeOf<Set<Pump>>().toExtend<Parameters<Client<Pump>['scoreEach']>[0]>();
    score({ values: new Uint8Array(4), n: 2 });
    score({ png: new Uint8Array(4) });
    // @ts-expect-error: no load
    score([{ boost: true, site: 'hill' }]);
    // @ts-expect-error: a load is a number
    score([{ ...pump, load: '0.5' }]);
    // @ts-expect-error: not one of the words
    score([{ ...pump, boost: 'perhaps' }]);
    // @ts-expect-error: misspelt
    score([{ load: 0.5, boost: true, site: 'hill', prize: 2 }]);
    // @ts-expect-error: how many rows?
    score({ values: new Uint8Array(4) });
    // @ts-expect-error: bytes of what?
    score(new Uint8Array(4));
  });

  test('is any record if the columns are not known', () => {
    expectTypeOf<
      RecordOf<{ data: { shape: [5]; scaling: { kind: 'range' } } }>
    >().toEqualTypeOf<TableRecord>();
    expectTypeOf<RecordOf<Model>>().toEqualTypeOf<TableRecord>();
    expectTypeOf(createClient({ url: 'https://api.test' })).toEqualTypeOf<Client>();
  });
});

describe('the types of answers are those of the API', () => {
  test('scores', () => expectTypeOf<ScoreAnswer>().toEqualTypeOf<ScoreResponse>());
  test('the model', () => expectTypeOf<z.infer<typeof ModelSchema>>().toExtend<Model>());
  test('columns', () => expectTypeOf<TableColumn>().toExtend<Column>());
});
