import { describe, expect, test } from 'vitest';
import { findDelimiter } from '../../bundle/csv-parser.ts';

const find = (text: string, { whole = true, tabs = false } = {}) =>
  findDelimiter(new TextEncoder().encode(text), { whole, tabs });

describe('the delimiter', () => {
  test.each([
    ['of names and numbers with commas', 'Temperatur, °C;Druck, bar\n23,03;3,43\n', ';'],
    ['of the same with tabs', 'Temperatur, °C\tDruck, bar\n23,03\t3,43\n', '\t'],
    ['of names with commas that the rows lack', 'Temp, C\tPressure\n23.6\t3.87\n', '\t'],
    ['of more commas in the names than fields', 'a, b, c, d;e\n1;2\n3;4\n', ';'],
    ['of a single row without a line break', 'Temp, C;Pressure\n23.6;3.87', ';'],
    ['of whole numbers among decimals', 'Temp, C;Druck, bar\n23,03;3,43\n23;3,43\n', ';'],
    ['of names in quotes', '"Temp, C";"Druck, bar"\n23,03;3,43\n', ';'],
    ['of commas with spaces throughout', 'id, a; b, c\n1, 2; 3, 4\n', ','],
    ['of quoted fields after spaces', '"id", "a; b", "c"\n1,2;3,4\n', ','],
    ['of commas beside semicolons in names alone', 'id,size (S;M;L;XL),n\n1,2,3\n', ','],
    ['of lists in the rows', 'id,tags,n\n1,a;b,3\n2,c;d,4\n', ','],
    ['of a first line alone', 'a;b,c;d', ';'],
    ['of rows that nothing splits alike', 'a,b,c;d\n1,2\n', ','],
    ['of a single column', 'value\n1,5\n', ','],
    ['of no text', '', ','],
  ])('%s', (_what, text, delimiter) => {
    expect(find(text)).toBe(delimiter);
  });

  test('is found in whole rows if the last one may go on', () => {
    const text = 'Temp, C;Druck, bar\n23,03;3,43\n23';
    expect(find(text, { whole: false })).toBe(';');
    expect(find(text)).toBe(',');
  });

  test('is a tab in the first line of .tsv, whatever else is there', () => {
    const text = 'a,b,c\td\n1,2,3\t4\n';
    expect(find(text, { tabs: true })).toBe('\t');
    expect(find(text)).toBe(',');
    expect(find('a,b\n1,2\n', { tabs: true })).toBe(',');
  });
});
