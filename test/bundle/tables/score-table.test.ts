import fc from 'fast-check';
import { expect, test } from 'vitest';
import { rankShares } from '../../../bundle/tables/score-table.ts';

test('the features with the largest shares are those that sorting finds', () => {
  const share = fc.float({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(
      fc.array(fc.array(share, { minLength: 5, maxLength: 5 }), { minLength: 1, maxLength: 6 }),
      fc.integer({ min: 1, max: 5 }),
      (rows, top) => {
        const found = rankShares(Float32Array.from(rows.flat()), rows.length, 5, top);
        for (const [i, row] of rows.entries()) {
          const sorted = row.map(Math.fround).map((share, j) => ({ share, j }));
          sorted.sort((a, b) => b.share - a.share);
          for (let k = 0; k < top; k++) {
            if (sorted[k].share > 0) expect(found.index[i * top + k]).toBe(sorted[k].j);
            expect(found.share[i * top + k]).toBe(sorted[k].share);
          }
        }
      },
    ),
  );
});
