import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect } from 'vitest';
import type { Configuration } from '../../../../training/config/schema.ts';
import { openSource } from '../../../../training/data/source.ts';
import { test } from '../temporary.ts';
import { lines, written } from './tables.ts';

const GOOD = lines('x,y', 300, (i) => `${i},${(i * i) % 17}`);

interface Case {
  name?: string;
  content: string | Uint8Array;
  options?: Configuration;
  /** With FILE for the path. */
  sentence: string;
}

/** A good table whose row `at` (from 1, without the header) is another one. */
const withRow = (at: number, row: string) => GOOD.split('\n').with(at, row).join('\n');

const CASES: Record<string, Case> = {
  'a row with a value too few': {
    content: withRow(7, '7'),
    sentence: 'FILE: line 8 has 1 value, but the first line names 2 columns',
  },
  'a row with a value too many': {
    content: withRow(200, '1,2,3'),
    sentence: 'FILE: line 201 has 3 values, but the first line names 2 columns',
  },
  'a text in a numeric column': {
    content: withRow(150, 'about ten,3'),
    sentence:
      'FILE: row 150 (counted from 1, without the header), column x: "about ten", expected a number, or nothing or NA if it is missing; if it stands for a missing value, say so: --na \'about ten\'; if the column is of another kind: --types x=category',
  },
  'a long text in a numeric column': {
    content: withRow(150, `${'x'.repeat(50_000)},3`),
    sentence: `column x: "${'x'.repeat(59)}…", expected a number, or nothing or NA if it is missing; if it stands for a missing value, say so: --na '${'x'.repeat(59)}…'; if`,
  },
  'a column of texts that is said to be numeric': {
    content: lines('x,y', 300, (i) => `${i},${i % 3 ? 'north' : 'hill'}`),
    options: { types: { y: 'number' } },
    sentence:
      'column y: "hill" (the first of 300 such values), expected a number; if the column is of another kind: --types y=category',
  },
  'a label that is left out': {
    content: lines('x,y,fault', 300, (i) => `${i % 7},${i % 5},${i % 50 ? 0 : 1}`),
    options: { label: 'fault', exclude: ['fault'] },
    sentence: 'label and exclude both name fault',
  },
  'a tenth of texts in a numeric column': {
    content: lines('x,y', 300, (i) => `${i},${i % 10 === 4 ? 'broken' : i / 7}`),
    sentence:
      'FILE: row 5 (counted from 1, without the header), column y: "broken" (the first of 30 such values), expected a number, or nothing',
  },
  'commas of which it is not known what they mean': {
    content: lines('x;y', 300, (i) => `${i};${1 + (i % 9)},${100 + i}`),
    sentence:
      'FILE: column y: "1,100" may be 1100 or 1.1: use --decimal . or --decimal , to say which; if it is meant as a text, say so: --types y=category',
  },
  'numbers with different units': {
    content: lines('x,y', 300, (i) => `${i},${i} ${i % 3 ? 'kg' : 'lb'}`),
    sentence:
      'FILE: column y: its numbers have different units, such as "kg" and "lb": convert them to one; if it is meant as a text',
  },
  'numbers, and a word of which it is not known that it is a gap': {
    content: lines('x,y', 300, (i) => `${i},${i % 3 ? i / 7 : 'unknown'}`),
    sentence:
      'FILE: column y has numbers, but 33% of its values are not, such as "unknown": use --na unknown if it stands for a missing value, --types y=category if the column is meant as a text, or --exclude y',
  },
  'days before months, with slashes': {
    content: lines('x,y', 300, (i) => `${i},${10 + (i % 9)}/02/2024`),
    sentence:
      'FILE: column y: "10/02/2024" is a date or a time in a form that is not supported: rewrite it as 2024-05-31, 2024-05-31 16:30:00 or 31.05.2024, or leave it out with --exclude y',
  },
  'months before days, with dots': {
    content: lines('x,y', 300, (i) => `${i},02.${10 + (i % 19)}.2024`),
    sentence: 'FILE: column y: "02.13.2024" is a date or a time in a form that is not supported',
  },
  'years of two digits': {
    content: lines('x,y', 300, (i) => `${i},${10 + (i % 19)}.02.24 10:00`),
    sentence: 'FILE: column y: "10.02.24 10:00" is a date or a time in a form that is not supported',
  },
  'months before days, with a time': {
    content: lines('x,y', 300, (i) => `${i},2/${1 + (i % 28)}/24 10:${10 + (i % 40)}`),
    sentence: 'FILE: column y: "2/1/24 10:10" is a date or a time in a form that is not supported',
  },
  'times of day': {
    content: lines('x,y', 300, (i) => `${i},${1 + (i % 12)}:${10 + (i % 50)} PM`),
    sentence: 'FILE: column y: "1:10 PM" is a date or a time in a form that is not supported',
  },
  'numbers that are written otherwise after the first 10,000 rows': {
    content: lines('x;y', 16_000, (i) => `${i % 997};${i < 11_000 ? i : `1,${100 + (i % 900)}`}`),
    sentence:
      'row 11001 (counted from 1, without the header), column y: "1,300" (the first of 5000 such values)',
  },
  'dates that are written otherwise after the first 10,000 rows': {
    content: lines('x,y', 16_000, (i) => {
      const [month, day] = [1 + (i % 12), 10 + (i % 18)];
      return `${i % 997},${i < 11_000 ? `2024-${month}-${day}` : `${month}/${day}/2024`}`;
    }),
    sentence:
      'row 11001 (counted from 1, without the header), column y: "9/12/2024" (the first of 5000 such values), expected a date',
  },
  'a line for Excel': {
    content: `sep=;\n${GOOD.replaceAll(',', ';')}`,
    sentence:
      'FILE: line 1: sep=; is a line that only Excel reads: remove it, and let the next line name the columns',
  },
  'annotations of InfluxDB': {
    content: `#datatype,long,double\n#group,false,false\n#default,,\n${GOOD}`,
    sentence:
      'FILE: line 1: the first 3 lines begin with #, as comments and the annotations of InfluxDB do: remove all such lines',
  },
  'columns with spaces between them': {
    content: lines('x y', 300, (i) => `${i} ${i / 7}`),
    sentence:
      'FILE: its columns are separated by spaces: write a comma, a semicolon, a tab or a pipe between them',
  },
  'a NUL character': {
    content: withRow(150, '1,\0'),
    sentence: 'FILE: line 151: a NUL character: the data is damaged, or it is not a text file',
  },
  'UTF-16 without a mark': {
    content: new Uint8Array(Buffer.from(GOOD, 'utf16le')),
    sentence: 'FILE: the text is UTF-16: save it as UTF-8',
  },
  'NaN in JSON': {
    name: 'data.ndjson',
    content: '{"x": 1, "y": 2}\n{"x": NaN, "y": 2}\n',
    sentence: 'FILE: line 2 is not JSON (NaN is not JSON: write null for a missing value)',
  },
  'JSON records without fields': {
    name: 'data.json',
    content: '[{}, {}]',
    sentence: 'FILE: the records have no fields',
  },
  'a comma at the end of JSON': {
    name: 'data.json',
    content: '[{"x": 1, "y": 2},\n{"x": 2, "y": 2},\n]',
    sentence: 'FILE: line 3 is not JSON (unexpected "]" after a comma)',
  },
  'infinity in a numeric column': {
    content: withRow(9, '1,inf'),
    sentence: 'FILE: row 9 (counted from 1, without the header), column y: "inf"',
  },
  'a number too large for float32': { content: withRow(9, '1,1e39'), sentence: 'column y: "1e39"' },
  'numbers too large for float32 throughout': {
    content: lines('x,y', 300, (i) => `${i},${i + 1}e39`),
    sentence:
      'FILE: row 1 (counted from 1, without the header), column y: "1e39" (the first of 300 such values), expected a finite number of at most 3.4e38 in size',
  },
  'many numbers too large for float32, in JSON': {
    name: 'data.ndjson',
    content: Array.from({ length: 300 }, (_, i) => `{"x":${i},"y":${i % 3 ? i + 0.5 : '-4e38'}}`).join('\n'),
    sentence:
      'FILE: row 1 (counted from 1, without the header), column y: "-4e+38" (the first of 100 such values), expected a finite number',
  },
  'flags that become numbers too large for float32': {
    content: lines('x,y', 10_300, (i) => `${i},${i < 10_100 ? i % 2 : '1e39'}`),
    sentence: 'FILE: row 10101 (counted from 1, without the header), column y: "1e39"',
  },
  'a text in a column that is said to be numeric': {
    content: lines('x,y', 300, (i) => `${i},${i % 2 ? 'a' : i}`),
    options: { types: { y: 'number' } },
    sentence: 'FILE: row 2 (counted from 1, without the header), column y: "a"',
  },
  'a day that is none': {
    content: lines('x,y', 300, (i) => `${i},2024-02-${i === 17 ? 31 : 10 + (i % 9)}`),
    sentence: 'column y: "2024-02-31", expected a date, such as 2024-05-31',
  },
  'a column with no value': {
    content: lines('x,y', 300, (i) => `${i},${i % 2 ? '' : 'NA'}`),
    sentence: 'FILE: column y: every value is missing: leave it out with --exclude y',
  },
  'a header and no rows': {
    content: 'x,y\n',
    sentence: 'FILE: there are 0 rows: at least 23 are needed with the default options',
  },
  'one row': {
    content: 'x,y\n1,2\n',
    sentence: 'FILE: there is 1 row: at least 23 are needed with the default options',
  },
  'no bytes': { content: '', sentence: 'FILE: the file is empty: expected a line that names the columns' },
  'no header': {
    content: '1,2\n3,4\n',
    sentence: 'FILE: the first line has numbers only: it must name the columns',
  },
  'no header, but numbers with a part behind the point': {
    content: 'Oslo,1.25\nRome,3\n',
    sentence: 'FILE: the first line has values, such as 1.25: it must name the columns',
  },
  'no header, rising numbers': {
    content: '0.1,0.5,0.9\n1,2,3\n',
    sentence: 'FILE: the first line has numbers only: it must name the columns',
  },
  'no header, texts that their columns repeat': {
    content: lines('tcp,http,SF', 300, (i) => (i % 3 ? 'tcp,http,SF' : `udp,dns,S${i % 2}`)),
    sentence: 'FILE: the first line has values, such as tcp: it must name the columns',
  },
  'no header, a number beside a text that its column repeats': {
    content: lines('GET,200', 300, (i) => `${i % 5 ? 'GET' : 'POST'},${i % 7}`),
    sentence: 'FILE: the first line has values, such as GET: it must name the columns',
  },
  'no header, letters': {
    content: lines('p,x,s,n,t,p', 300, (i) => (i % 2 ? 'p,x,s,n,t,p' : 'e,b,y,w,f,a')),
    sentence: 'FILE: the first line has values, such as p: it must name the columns',
  },
  'no header, a number twice': {
    content: lines('a9,0,0', 300, (i) => `b${i},${i},1`),
    sentence: 'FILE: the first line has values, such as 0: it must name the columns',
  },
  'a name twice': {
    content: 'x,y,x\n1,2,3\n',
    sentence: 'FILE: two columns are called x: column names must be unique',
  },
  'Latin-1': {
    content: Buffer.from(withRow(40, '1,København'), 'latin1'),
    sentence: 'FILE: line 41 is not UTF-8: save the file as UTF-8',
  },
  'UTF-16': {
    content: Buffer.from(`\u{feff}${GOOD}`, 'utf16le'),
    sentence: 'FILE: the text is UTF-16: save it as UTF-8',
  },
  'a quote that opens a text in which another one follows': {
    content: GOOD.replace('\n11,', '\n"11,').replace('\n40,', '\n"40,'),
    sentence:
      'FILE: line 42: expected a delimiter or the end of the line after a quote; the quoted text begins on line 13: write a quote within a text twice ("")',
  },
  'a quote that does not end': {
    content: withRow(12, '1,"2'),
    sentence: 'FILE: line 13: a quote is opened and not closed',
  },
  'a gzip file that is cut': {
    name: 'data.csv.gz',
    content: gzipSync(lines('x,y', 50_000, (i) => `${i},${(i * 7919) % 50_021}`)).subarray(0, 60_000),
    sentence: 'FILE is not a complete gzip file: unexpected end of file',
  },
  'a Parquet file that is none': {
    name: 'data.parquet',
    content: GOOD,
    sentence: 'FILE cannot be read as a table: ',
  },
  'nothing to learn from': {
    content: lines('id,k', 300, (i) => `${i},k`),
    sentence: 'FILE: no column is left to learn from: id (an id by its name), k (constant)',
  },
  'a label that is not binary': {
    content: GOOD,
    options: { label: 'y' },
    sentence:
      'FILE: the label column y is not binary: it has values "0", "1", "13" and others; expected two values, such as 0 and 1, in every row, or with --anomalous VALUE that value, all others being normal',
  },
  'a label with one value': {
    content: lines('x,y,z', 300, (i) => `${i},${i * i},0`),
    options: { label: 'z' },
    sentence: 'FILE: the label column z is not binary: all its values are "0"',
  },
  'a label that is missing somewhere': {
    content: lines('x,y,z', 300, (i) => `${i},${i * i},${i === 4 ? '' : i % 2}`),
    options: { label: 'z' },
    sentence:
      'FILE: the label column z is not binary: it is missing in row 5 (counted from 1, without the header); expected',
  },
  'a label that is missing in some rows, of many values': {
    content: lines('x,y,z', 300, (i) => `${i},${i * i},${i % 9 === 4 ? 'NA' : i % 5}`),
    options: { label: 'z', anomalous: '3' },
    sentence: 'not binary: it is missing in row 5 (counted from 1, without the header) and 32 more; expected',
  },
  'an anomalous value that no row has': {
    content: lines('x,y,z', 300, (i) => `${i},${i * i},${i % 5}`),
    options: { label: 'z', anomalous: '7' },
    sentence: 'FILE: the label column z: it has the values "0", "1", "2" and others, not 7',
  },
  'an anomalous value that is neither of two': {
    content: lines('x,y,z', 300, (i) => `${i},${i * i},${i % 2}`),
    options: { label: 'z', anomalous: '7' },
    sentence: 'FILE: the label column z: it has the values 0 and 1, not 7',
  },
  '--anomalous without a label': {
    content: GOOD,
    options: { anomalous: 'bad' },
    sentence: 'FILE: --anomalous bad is given, but no column is a label: --label names it',
  },
  '--anomalous that is not a value of the label': {
    content: lines('x,y,anomaly', 300, (i) => `${i},${i * i},${+(i % 9 === 0)}`),
    options: { anomalous: 'yes' },
    sentence:
      'FILE: --anomalous yes is given, but column anomaly cannot be the label: it has the values 0 and 1, not yes',
  },
  'an option about a column that is not there': {
    content: lines('temperature,y', 300, (i) => `${i},${i * i}`),
    options: { types: { temprature: 'number' } },
    sentence: 'types: FILE has no column temprature; did you mean temperature?',
  },
  'options about several columns that are not there': {
    content: lines('temperature,y', 300, (i) => `${i},${i * i}`),
    options: { label: 'fault', exclude: ['temprature', 'z'] },
    sentence:
      'has no column fault: it has temperature, y\nexclude: FILE has no column temprature; did you mean temperature?\n',
  },
  'an option about a column that is not nearly there': {
    content: lines('temperature,y', 300, (i) => `${i},${i * i}`),
    options: { exclude: ['comment'] },
    sentence: 'exclude: FILE has no column comment: it has temperature, y',
  },
  'columns without a value': {
    content: lines('x,a,y,b,c', 300, (i) => `${i},,${i * i},NA,?`),
    sentence: 'FILE: columns a, b and c: every value is missing: leave them out with --exclude a,b,c',
  },
  'columns of lists': {
    name: 'data.ndjson',
    content: '{"x":1,"a":[1],"b":[2]}\n{"x":2,"a":[3],"b":[4]}\n',
    sentence:
      'FILE: column a: it holds lists or records ([1]); column b: it holds lists or records ([2]): expected numbers, true or false, texts, or dates; leave them out with --exclude a,b, or spread them over columns of their own',
  },
  'nested JSON': {
    name: 'data.ndjson',
    content: '{"x":1,"place":{"lat":1,"lon":2}}\n{"x":2,"place":{"lat":2,"lon":3}}\n',
    sentence:
      'FILE: column place: it holds lists or records ({"lat":1,"lon":2}): expected numbers, true or false, texts, or dates; leave it out with --exclude place',
  },
  'lists in JSON': {
    name: 'data.json',
    content: '[{"x":[1,2]},{"x":[3]}]',
    sentence: 'FILE: column x: it holds lists or records',
  },
  'JSON that is cut': {
    name: 'data.ndjson',
    content: '{"x":1}\n{"x":',
    sentence: 'FILE: line 2 is not JSON',
  },
  'a label of which it is not known which value is anomalous': {
    content: lines('x,y,z', 300, (i) => `${i},${i * i},${i % 9 ? 'here' : 'there'}`),
    options: { label: 'z' },
    sentence:
      'FILE: the label column z: it is unknown which of "here", "there" is anomalous: name it with --anomalous VALUE',
  },
  'JSON that is no records': {
    name: 'data.json',
    content: '[1,2,3]',
    sentence: 'FILE: the values are not records: expected an array of objects',
  },
  'a range': {
    content: GOOD,
    options: { range: [0, 1] },
    sentence: 'range is given, but FILE is a table of columns',
  },
};

describe('a table that cannot be learned from is refused with a sentence', () => {
  for (const [what, { name = 'data.csv', content, options = {}, sentence }] of Object.entries(CASES)) {
    test(what, async ({ folder }) => {
      const path = await written(folder, name, content);
      const error = await openSource(path, options).then(
        (source) => source.close(),
        (thrown: Error) => thrown,
      );
      expect(error?.message).toContain(sentence.replace('FILE', path));
      expect(error?.name).toMatch(/^(Data|Configuration)Error$/);
      // One line for each fault.
      expect(error?.message).not.toMatch(/\n(?!exclude: )/);
    });
  }

  test('a file that is not there, or of another kind', async ({ folder }) => {
    await expect(openSource(join(folder, 'none.csv'), {})).rejects.toThrow(
      'none.csv cannot be read: there is no such file or folder',
    );
    await expect(openSource(join(folder, 'none.xlsx'), {})).rejects.toThrow(
      'none.xlsx cannot be read: there is no such file or folder; expected mnist, a table',
    );
    const path = await written(folder, 'sheet.xlsx', 'PK');
    await expect(openSource(path, {})).rejects.toThrow(
      'sheet.xlsx is not supported: expected mnist, a table',
    );
  });
});
