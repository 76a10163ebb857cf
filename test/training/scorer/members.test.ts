import { describe, expect, test } from 'vitest';
import { ConfigurationError } from '../../../training/config/schema.ts';
import { DETECTORS } from '../../../training/detectors/registry.ts';
import { memberName } from '../../../training/scorer/ensemble.ts';
import { type DetectedModel, membersOf } from '../../../training/scorer/members.ts';

const table: DetectedModel = { kind: 'table', shape: [12], variational: false };
const image: DetectedModel = { kind: 'image', shape: [8, 8, 1], variational: false };
const named = (names: readonly string[] | undefined, kind = table) => membersOf(names, kind).map(memberName);

describe('the members that are chosen', () => {
  test('are those named, each with its view', () => {
    const names = ['knn:code', 'knn:input', 'mixture:projection', 'lof:code', 'reconstruction:difference'];
    expect(named(names)).toEqual(names);
  });

  test('look at the input, or at the one view that they are of, if none is given', () => {
    expect(
      named(['knn', 'reconstruction', 'absolute_error', 'standardised_error', 'masked_error', 'loss']),
    ).toEqual([
      'knn:input',
      'reconstruction:difference',
      'absolute_error:difference',
      'standardised_error:difference',
      'masked_error:masked',
      'loss:loss',
    ]);
    expect(named(['local_error'], image)).toEqual(['local_error:difference']);
    expect(named(['elbo'], { ...table, variational: true })).toEqual(['elbo:loss']);
  });

  test('unless any are named, are those for tables or for images', () => {
    expect(named(undefined)).toEqual(['knn:input', 'mixture:projection']);
    expect(named(undefined, image)).toEqual([
      'reconstruction:difference',
      'local_error:difference',
      'knn:code',
      'mixture:code',
    ]);
    // A row of a table may be called a shape of two numbers, an image never.
    expect(named(undefined, { ...table, shape: [8, 8] })).toEqual(named(undefined));
  });

  test('can be any that there is', () => {
    const all = named(Object.keys(DETECTORS), { ...table, variational: true });
    expect(all.map((name) => name.split(':')[0])).toEqual(Object.keys(DETECTORS));
  });

  test('may be one detector by two views', () => {
    expect(named(['knn:input', 'knn:code'])).toEqual(['knn:input', 'knn:code']);
  });
});

describe('what cannot be chosen is told in a sentence', () => {
  const everything = Object.keys(DETECTORS).join(', ');
  test.each<[string, readonly string[], DetectedModel, string]>([
    ['an unknown detector', ['knm:code'], table, `there is no knm for these data, but ${everything}`],
    [
      'a name of every object',
      ['constructor'],
      table,
      `there is no constructor for these data, but ${everything}`,
    ],
    [
      'windows of a table',
      ['local_error'],
      table,
      `there is no local_error for these data, but ${everything}`,
    ],
    [
      'an unknown detector of images',
      ['x'],
      image,
      `there is no x for these data, but ${everything}, local_error`,
    ],
    ['an unknown view', ['knn:codes'], table, 'knn looks at input or projection or code, not at codes'],
    ['no view after the colon', ['knn:'], table, 'knn looks at input or projection or code, not at nothing'],
    [
      'a view of other detectors',
      ['knn:difference'],
      table,
      'knn looks at input or projection or code, not at difference',
    ],
    [
      'another view than its own',
      ['reconstruction:input'],
      table,
      'reconstruction looks at difference, not at input',
    ],
    [
      'more than one view',
      ['knn:code:input'],
      table,
      'knn looks at input or projection or code, not at code:input',
    ],
    ['the same twice', ['knn', 'knn:input'], table, 'knn:input is there twice'],
    [
      'the same twice, of images',
      ['local_error', 'local_error:difference'],
      image,
      'local_error:difference is there twice',
    ],
    ['the bound of a model that has none', ['elbo'], table, 'elbo is of variational models'],
    ['none', [], table, 'at least one is needed'],
  ])('%s', (_name, names, kind, sentence) => {
    expect(() => membersOf(names, kind)).toThrow(new ConfigurationError(`detectors: ${sentence}`));
  });
});
