import fc from 'fast-check';
import { expect, test } from 'vitest';
import { balancedColumns } from '../../../dashboard/common/columns.ts';

test('seven cards stand in rows of four and three, not of six and one', () => {
  expect(balancedColumns(7, 1272, 180, 12)).toBe(4);
});

test('cards are never narrower than they may be, and none is alone in the last of three columns or more', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 180, max: 3000 }), (count, width) => {
      const columns = balancedColumns(count, width, 180, 12);
      expect(columns).toBeGreaterThanOrEqual(1);
      if (columns > 1) expect((width - 12 * (columns - 1)) / columns).toBeGreaterThanOrEqual(180);
      if (columns > 2 && count > 1) expect(count % columns).not.toBe(1);
    }),
  );
});
