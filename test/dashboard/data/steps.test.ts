import { expect, test } from 'vitest';
import { Steps } from '../../../dashboard/data/steps.ts';

test('what is dragged is one step, until it rests for a second or something else changes', () => {
  const steps = new Steps();
  expect(steps.isNew('range score', 0)).toBe(true);
  expect(steps.isNew('range score', 900)).toBe(false);
  expect(steps.isNew('range score', 1800)).toBe(false);
  expect(steps.isNew('range p-value', 1900)).toBe(true);
  expect(steps.isNew('range p-value', 3000)).toBe(true);
  expect(steps.isNew('range score', 3100)).toBe(true);
});

test('a change without a name is a step of its own, and a map that comes to rest is none', () => {
  const steps = new Steps();
  expect([0, 1, 2].map((at) => steps.isNew('', at))).toEqual([true, true, true]);
  expect(steps.isNew('range score', 3)).toBe(true);
  expect(steps.isNew('settle', 4)).toBe(false);
  expect(steps.isNew('range score', 5)).toBe(false);
});
