import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { scoreResponseSchema } from '../../bundle/score-response.ts';
import { problemIn } from './support.ts';
import {
  answered,
  close,
  csvOf,
  features,
  inOrder,
  names,
  postCsv,
  postJson,
  record,
  send,
} from './table-calls.ts';

describe('missing and unknown', () => {
  test('an absent column that may be missing is the same as null, and as nothing in CSV', async () => {
    const { income: _, ...absent } = record;
    const missing = { ...record, income: null };
    const { results } = await answered(postJson({ instances: [absent, missing] }));
    expect(results[0]).toEqual(results[1]);
    const words = csvOf([missing, { ...record, income: 'NA' }, { ...record, income: 'null' }]);
    for (const one of (await answered(postCsv(words))).results) {
      expect(close(one.score, results[0]!.score)).toBe(true);
    }
    const without = csvOf(
      [record],
      names!.filter((name) => name !== 'income'),
    );
    expect(close((await answered(postCsv(without))).results[0]!.score, results[0]!.score)).toBe(true);
  });

  test('spaces around the names of fields are no part of them, and no two fields have one name', async () => {
    const spaced = Object.fromEntries(Object.entries(record).map(([name, value]) => [` ${name}\t`, value]));
    const { results } = await answered(postJson({ instances: [record, spaced] }));
    expect(results[1]).toEqual(results[0]);
    const problem = await problemIn(await postJson({ instances: [{ ...record, 'age ': 1 }] }), 400);
    expect(problem.errors![0]!.detail).toBe('two fields are called age: "age" and "age "');
  });

  test('null is accepted in every column', async () => {
    const nothing = Object.fromEntries(names!.map((name) => [name, null]));
    const { results } = await answered(postJson({ instances: [nothing] }, `?explain=${features}`));
    expect(results[0]!.features!.every(({ value }) => value === null)).toBe(true);
    expect(Number.isFinite(results[0]!.score)).toBe(true);
  });

  test('a category that training did not see is unknown, whatever its name', async () => {
    const strange = ['Atlantis', 'Mu', 'paris'].map((city) => ({ ...record, city }));
    const { results } = await answered(postJson({ instances: strange }, `?explain=${features}`));
    for (const { score, features: found } of results) {
      expect(score).toBe(results[0]!.score);
      expect(found!.find(({ name }) => name === 'city')!.value).toBe('unknown');
    }
  });

  test('a number far beyond the training data is scored, and anomalous', async () => {
    const far = [1e6, 1e30].map((age) => ({ ...record, age }));
    const { results } = await answered(postJson({ instances: far }, `?explain=${features}`));
    for (const { score, anomalous, features: found } of results) {
      expect(score).toBe(results[0]!.score);
      expect(anomalous).toBe(true);
      expect(found![0]!.name).toBe('age');
    }
  });

  test('fields that are no columns are ignored, and all but the label and the excluded columns are listed', async () => {
    const more = { ...record, fraud: true, order_id: 7, comment: 'none', ['note'.repeat(30)]: 1 };
    const { results, unused_fields } = await answered(postJson({ instances: [record, more, more] }));
    expect(results[1]).toEqual(results[0]);
    expect(unused_fields).toEqual(['comment', `${'note'.repeat(15)}…`]);
    expect(await answered(postJson({ instances: [record] }))).not.toHaveProperty('unused_fields');
  });
});

describe('an invalid record is answered with the field and what is expected', () => {
  const third = (change: object) => ({ instances: [record, record, record, { ...record, ...change }] });
  const { amount: _, ...short } = record;
  test.each<[string, unknown, string, RegExp]>([
    [
      'a number as text in hexadecimal',
      third({ income: '0x41' }),
      '#/instances/3/income',
      /^expected a number, got "0x41"$/,
    ],
    ['a number that is a word', third({ age: 'old' }), '#/instances/3/age', /^expected a number, got "old"$/],
    [
      'a number beyond 32 bits',
      third({ age: 1e39 }),
      '#/instances/3/age',
      /^expected a number within ±3.4e38, got 1e\+39$/,
    ],
    [
      'a flag',
      third({ member: 'perhaps' }),
      '#/instances/3/member',
      /^expected true or false.*, got "perhaps"$/,
    ],
    ['a flag that is 2', third({ member: 2 }), '#/instances/3/member', /^expected true or false.*, got 2$/],
    ['a category', third({ city: ['Paris'] }), '#/instances/3/city', /^expected text, got \["Paris"\]$/],
    [
      'a date',
      third({ since: '01/05/2024' }),
      '#/instances/3/since',
      /^expected a date, such as "2024-05-31", .*, got "01\/05\/2024"$/,
    ],
    [
      'a day that is none',
      third({ since: '2023-02-29' }),
      '#/instances/3/since',
      /^expected a date, .*, got "2023-02-29"$/,
    ],
    [
      'a date as number',
      third({ since: 20240501 }),
      '#/instances/3/since',
      /^expected a date, .*, got 20240501$/,
    ],
    [
      'an absent column',
      { instances: [short] },
      '#/instances/0/amount',
      /^absent: expected a number, or null for a missing value$/,
    ],
    [
      'a misspelt column',
      { instances: [{ ...short, ammount: 3 }] },
      '#/instances/0/ammount',
      /^not a column; did you mean amount \(a number\), which the record lacks\? If not, give amount as null$/,
    ],
    [
      'a misspelt column that may be missing',
      { instances: [{ ...record, income: undefined, Income: 3 }] },
      '#/instances/0/Income',
      /did you mean income \(a number\), which the record lacks/,
    ],
    [
      'a column without its unit that may be missing',
      { instances: [{ ...record, income: undefined, income_eur: 3 }] },
      '#/instances/0/income_eur',
      /did you mean income/,
    ],
    [
      'no column at all',
      { instances: [{}] },
      '#/instances/0',
      /^no field is a column: expected age, income, city, member, since and 1 more$/,
    ],
    [
      'an array of another length',
      { instances: [[1, 2]] },
      '#/instances/0',
      /^expected 6 values \(age, income, .*\), got 2$/,
    ],
    [
      'a value of an array',
      { instances: [inOrder({ ...record, member: 'perhaps' })] },
      '#/instances/0/3',
      /^expected true .*, got "perhaps"$/,
    ],
    [
      'a number',
      { instances: [1] },
      '#/instances/0',
      /^expected an object by column names, or an array in their order, got 1$/,
    ],
    ['null', { instances: [null] }, '#/instances/0', /^expected an object by column names, .*, got null$/],
    ['one record', { instances: record }, '#/instances', /^expected an array of records, got an object$/],
    [
      'a record alone',
      record,
      '#',
      /^expected an object \{"instances": \[\{"age": …, "income": …, …\}, …\]\}, got a record on its own$/,
    ],
    [
      'a list alone',
      [record],
      '#',
      /^expected an object \{"instances": \[\{"age": …, "income": …, …\}, …\]\}, got an array$/,
    ],
  ])('%s', async (_name, body, pointer, detail) => {
    const problem = await problemIn(await postJson(body), 400);
    expect(problem.errors![0]!.pointer).toBe(pointer);
    expect(problem.errors![0]!.detail).toMatch(detail);
  });

  test('all errors of a batch are listed, up to ten', async () => {
    const two = { ...record, age: 'x', city: {} };
    const problem = await problemIn(await postJson({ instances: [two, record, two] }), 400);
    expect(problem.errors!.map(({ pointer }) => pointer)).toEqual(
      [0, 2].flatMap((i) => [`#/instances/${i}/age`, `#/instances/${i}/city`]),
    );
    const many = await problemIn(await postJson({ instances: Array(20).fill(two) }), 400);
    expect(many.errors!.length).toBe(10);
  });

  test('no JSON in a field gives a 500 or a score that is not a number', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...names!), fc.jsonValue(), async (name, value) => {
        const response = await postJson(
          { instances: [{ ...record, [name]: value }] },
          `?explain=${features}`,
        );
        expect([200, 400]).toContain(response.status);
        const body = await response.json();
        if (response.status === 200) scoreResponseSchema().parse(body);
      }),
      { numRuns: 200 },
    );
  });
});

test('values that no training row had are counted by column', async () => {
  const { results, unknown_values } = await answered(
    postJson({ instances: [record, { ...record, city: 'Atlantis' }] }),
  );
  expect(results.length).toBe(2);
  expect(unknown_values).toEqual([{ column: 'city', unknown: 1, missing: 0 }]);
});

describe('CSV', () => {
  const line = names!.map((name) => record[name] ?? '').join();
  test('may have quotes, a byte order mark, empty lines, and no newline at the end', async () => {
    const quoted = names!.map((name) => `"${record[name] ?? ''}"`).join();
    const text = `\uFEFF${names!.join()},"a ""note"", long"\n${line},"two\nlines"\n\n${quoted},\r\n${line},x`;
    const { results, unused_fields } = await answered(postCsv(text));
    expect(unused_fields).toEqual(['a "note", long']);
    expect(results.length).toBe(3);
    expect(results[1]).toEqual(results[0]);
    expect(results[2]).toEqual(results[0]);
  });

  test('may have the delimiters of files, lines that end in any way, and spaces around names', async () => {
    const expected = (await answered(postCsv(`${names!.join()}\n${line}`))).results;
    for (const delimiter of [';', '\t', '|']) {
      const text = [names!.join(` ${delimiter} `), line.replaceAll(',', delimiter)].join('\r');
      expect((await answered(postCsv(text))).results).toEqual(expected);
    }
  });

  test.each<[string, string, RegExp]>([
    [
      'a value',
      `${names!.join()}\n${line}\n${line.replace(/^\d+/, 'old')}`,
      /^line 3, column age: expected a number, got "old"$/,
    ],
    [
      'a line after a long value',
      `${names!.join()},note\n${line},"1\n2\n3"\n${line}`,
      /^line 5: expected 7 values, as in the header, got 6$/,
    ],
    ['no line of names', `${line}\n${line}`, /^header: expected the column age \(a number\)/],
    ['names that nothing separates', `${names!.join('/')}\n${line}`, /separate names with commas$/],
    [
      'a misspelt name',
      csvOf([record]).replace('income', 'incone'),
      /expected the column income.*"incone" is not a column/,
    ],
    [
      'a name without its unit',
      csvOf([record]).replace('income', 'income_eur'),
      /expected the column income.*"income_eur" is not a column/,
    ],
    ['a name twice', `${names!.join()},age\n${line},1`, /^header: duplicate name "age"$/],
    ['no rows', names!.join(), /^expected 1 to 64 lines after the header, got 0$/],
    [
      'too many rows',
      `${names!.join()}\n${`${line}\n`.repeat(65)}`,
      /^expected 1 to 64 lines after the header, got 65$/,
    ],
    ['an open quote', `${names!.join()}\n"${line}`, /^line 2: a quote is opened and not closed$/],
    [
      'more after a quote',
      `${names!.join()}\n"41"x,${line}`,
      /^line 2: expected a delimiter or the end of the line after a quote$/,
    ],
    [
      'a line for Excel',
      `sep=;\n${names!.join(';')}\n${line}`,
      /^line 1: sep=; is a line that only Excel reads: remove it, and let the next line name the columns$/,
    ],
    [
      'lines of comments',
      `# of today\n# in degrees\n${names!.join()}\n${line}`,
      /^line 1: the first 2 lines begin with #, as comments and the annotations of InfluxDB do/,
    ],
    [
      'a NUL',
      `${names!.join()}\n${line}\0`,
      /^line 2: a NUL character: the data is damaged, or it is not a text file$/,
    ],
    ['blank', '\n\n', /^the body is blank, expected a header with the names of the columns$/],
  ])('%s that is invalid is answered with its line', async (_name, body, detail) => {
    const problem = await problemIn(await postCsv(body), 400);
    expect(problem.errors ? problem.errors[0]!.detail : problem.detail).toMatch(detail);
  });

  test('that is not UTF-8 is refused', async () => {
    const problem = await problemIn(await send('text/csv', Uint8Array.of(0xff, 0xfe, 0x41)), 400);
    expect(problem.errors![0]!.detail).toBe('the body is not UTF-8, which CSV requires');
  });

  test('no text gives a 500', async () => {
    const part = fc.oneof(fc.string(), fc.constantFrom('"', ',', '\n', '\r\n', ...names!, line));
    await fc.assert(
      fc.asyncProperty(fc.array(part, { minLength: 1 }), async (parts) => {
        const response = await postCsv(`${names!.join()}\n${parts.join('')}`);
        expect([200, 400]).toContain(response.status);
        await response.body?.cancel();
      }),
      { numRuns: 300 },
    );
  });
});

test.each([
  [
    'application/octet-stream',
    /octet-stream is not supported, because the values of this model do not fit into bytes: /,
  ],
  ['image/png', /image\/png is not supported, because this model takes rows of a table, not images: /],
])('%s is refused, and the answer says what is accepted', async (type, detail) => {
  const response = await send(type, new Uint8Array(features));
  expect(response.headers.get('Accept')).toBe('application/json, text/csv');
  expect((await problemIn(response, 415)).detail).toMatch(detail);
});
