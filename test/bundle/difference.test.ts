import { expect, test } from 'vitest';
import { findDifferences } from '../../bundle/difference.ts';

test('objects and lists of objects are compared part by part, other lists are values', () => {
  const before = { x: 1, list: [1, 2], each: [{ n: 'a' }, { n: 'b' }], only: true };
  const after = { x: 1, list: [1, 3], each: [{ n: 'a' }, { n: 'c' }], more: { y: 0 } };
  expect(findDifferences(before, after)).toEqual([
    { path: 'list', before: [1, 2], after: [1, 3] },
    { path: 'each.1.n', before: 'b', after: 'c' },
    { path: 'only', before: true, after: undefined },
    { path: 'more', before: undefined, after: { y: 0 } },
  ]);
});

test('a value and itself do not differ', () => {
  const value = { a: [], b: null, c: [{ d: 1 }], e: '' };
  expect(findDifferences(value, structuredClone(value))).toEqual([]);
});

test('an object and a value that is none differ as wholes', () => {
  expect(findDifferences({ a: { b: 1 } }, { a: null })).toEqual([
    { path: 'a', before: { b: 1 }, after: null },
  ]);
});
