import fc from 'fast-check';
import { expect, test } from 'vitest';
import { describeAgreement, relativeDifference, speakVerdict } from '../../../dashboard/data/agreement.ts';

const score = fc.double({ min: 0, max: 1e6, noNaN: true });

test('the difference is symmetric, from 0 to 1, and independent of the unit', () => {
  fc.assert(
    fc.property(score, score, (a, b) => {
      const difference = relativeDifference(a, b);
      expect(difference).toBe(relativeDifference(b, a));
      expect(difference).toBeGreaterThanOrEqual(0);
      expect(difference).toBeLessThanOrEqual(1);
      if (Math.max(a, b) > 1e-6) expect(relativeDifference(8 * a, 8 * b)).toBeCloseTo(difference, 12);
    }),
  );
  expect(relativeDifference(0, 0)).toBe(0);
  expect(relativeDifference(1, 2)).toBe(0.5);
});

test('scores that are equal to float32 agree, others do not, and the sentence says by how much', () => {
  expect(describeAgreement(0, 'one', 'one')).toBe('Both agree: the scores are identical.');
  expect(describeAgreement(2 ** -23, 'one', 'one')).toMatch(/^Both agree: .* 1e-7 \(relative\)\.$/);
  expect(describeAgreement(0.01, 'one', 'one')).toMatch(/^The engines disagree: .* 0\.01 \(relative\)\.$/);
});

test('scores of different models are not compared', () => {
  expect(describeAgreement(0, '0123456789', 'abcdef')).toBe('The API runs a different model, 01234567.');
});

test('a verdict is spoken with its p-value', () => {
  expect(speakVerdict('API', { anomalous: true, pValue: 0.001996 })).toBe('API: anomalous, p-value 0.00200.');
  expect(speakVerdict('Browser', { anomalous: false, pValue: 1 })).toBe('Browser: normal, p-value 1.00.');
});
