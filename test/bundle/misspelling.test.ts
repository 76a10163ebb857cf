import fc from 'fast-check';
import { expect, test } from 'vitest';
import { editDistance, findMisspelt, findNearestName } from '../../bundle/misspelling.ts';

/** The optimal string alignment distance by its recursive definition. */
function distance(a: string, b: string): number {
  if (a === '' || b === '') return a.length + b.length;
  const [s, t] = [a.slice(1), b.slice(1)];
  const swapped = a.length > 1 && b.length > 1 && a[0] === b[1] && a[1] === b[0];
  return Math.min(
    distance(s, t) + Number(a[0] !== b[0]),
    distance(s, b) + 1,
    distance(a, t) + 1,
    swapped ? distance(a.slice(2), b.slice(2)) + 1 : Number.POSITIVE_INFINITY,
  );
}

const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 6 });

test('the edit distance is that of its definition, or more than the most that is asked for', () => {
  fc.assert(
    fc.property(word, word, fc.integer({ min: 0, max: 6 }), (a, b, most) => {
      const truth = distance(a, b);
      expect(editDistance(a, b)).toBe(truth);
      if (truth <= most) expect(editDistance(a, b, most)).toBe(truth);
      else expect(editDistance(a, b, most)).toBeGreaterThan(most);
    }),
  );
});

test('the nearest name is found in any case, and is near if at most half of its letters differ', () => {
  const known = ['significance', 'explain', 'map'];
  expect(findNearestName('Explian', known)).toEqual({ name: 'explain', near: true });
  expect(findNearestName('mop', known)).toEqual({ name: 'map', near: true });
  expect(findNearestName('x', known)).toEqual({ name: 'map', near: false });
});

const columns = ['age', 'member', 'city', 'day', 'at'].map((name) => ({ name }));

test('a field is misspelt if a column is absent that has nearly its name', () => {
  const all = ['age', 'member', 'city', 'day', 'at'];
  const without = (name: string, ...more: string[]) => [...all.filter((one) => one !== name), ...more];
  for (const field of [
    'Member',
    'membr',
    'memberr',
    'mebmer',
    'mem_ber',
    'nember',
    'member_c',
    'Member (kg)',
  ]) {
    expect(findMisspelt(columns, without('member', field))).toEqual([{ field, column: 'member' }]);
  }
  expect(findMisspelt(columns, without('member', 'number', 'remembered', 'm'))).toEqual([]);
  expect(findMisspelt(columns, [...all, 'membr'])).toEqual([]);
  expect(findMisspelt(columns, without('member', 'membr'), ['membr'])).toEqual([]);
  expect(findMisspelt(columns, without('at', 'it'))).toEqual([]);
  const flows = [{ name: 'flow_c' }, { name: 'return_c' }];
  expect(findMisspelt(flows, ['flow', 'return_c'])).toEqual([{ field: 'flow', column: 'flow_c' }]);
  expect(findMisspelt(flows, ['flower', 'c', 'return_c'])).toEqual([]);
});
