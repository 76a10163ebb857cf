import { describe, expect, test } from 'vitest';
import { warnOfMissed } from '../../../training/evaluate/detection.ts';

/** P-values of 100 test samples, and which of them are anomalous: the first ones. */
function samples(anomalous: number, flagged: number) {
  return [
    Float32Array.from({ length: 100 }, (_, i) => (i < flagged ? 0.005 : 0.5)),
    Uint8Array.from({ length: 100 }, (_, i) => Number(i < anomalous)),
  ] as const;
}

describe('anomalies that the default level misses', () => {
  test('are worth a warning if there are as many as it flags', () => {
    const warning = warnOfMissed(...samples(10, 3), 999);
    expect(warning).toContain('10% of the test samples are anomalous');
    expect(warning).toContain('only 30% of the anomalies are flagged at p ≤ 0.01');
  });

  test.each([
    ['most are found', ...samples(10, 8), 999],
    ['there are none', ...samples(0, 0), 999],
    ['there are fewer than the level flags by chance', ...samples(2, 0), 19],
    ['there is no label', samples(10, 3)[0], undefined, 999],
  ])('are not if %s', (_, pValues, anomalous, count) => {
    expect(warnOfMissed(pValues, anomalous, count)).toBeUndefined();
  });
});
