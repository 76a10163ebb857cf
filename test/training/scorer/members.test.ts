import { describe, expect, test } from 'vitest';
import { ConfigurationError } from '../../../training/config/schema.ts';
import { DETECTORS } from '../../../training/detectors/registry.ts';
import { memberName } from '../../../training/scorer/ensemble.ts';
import { describeModelRows } from '../../../training/scorer/kept-rows.ts';
import { assertNames, chooseMembers, type DetectedModel } from '../../../training/scorer/members.ts';

const table: DetectedModel = { kind: 'table', shape: [12], variational: false };
const image: DetectedModel = { kind: 'image', shape: [8, 8, 1], variational: false };
const chooseNames = (names: readonly string[] | undefined, kind = table) =>
  chooseMembers(names, kind).map(memberName);

describe('chosen members', () => {
  test('are the named ones, each with its view', () => {
    const names = ['knn:code', 'knn:input', 'mixture:projection', 'lof:code', 'reconstruction:difference'];
    expect(chooseNames(names)).toEqual(names);
  });

  test('without a view, get their only view or the input', () => {
    expect(
      chooseNames(['knn', 'reconstruction', 'absolute_error', 'standardised_error', 'masked_error', 'loss']),
    ).toEqual([
      'knn:input',
      'reconstruction:difference',
      'absolute_error:difference',
      'standardised_error:difference',
      'masked_error:masked',
      'loss:loss',
    ]);
    expect(chooseNames(['local_error'], image)).toEqual(['local_error:difference']);
    expect(chooseNames(['elbo'], { ...table, variational: true })).toEqual(['elbo:loss']);
  });

  test('without names, are the defaults for tables or for images', () => {
    expect(chooseNames(undefined)).toEqual([
      'knn_5_percent:input',
      'mixture:projection',
      'robust_covariance:projection',
    ]);
    expect(chooseNames(undefined, image)).toEqual([
      'reconstruction:difference',
      'local_error:difference',
      'knn:code',
      'mixture:code',
    ]);
    // The kind decides, not the shape.
    expect(chooseNames(undefined, { ...table, shape: [8, 8] })).toEqual(chooseNames(undefined));
  });

  test('can be any registered detector', () => {
    const all = chooseNames(Object.keys(DETECTORS), { ...table, variational: true });
    expect(all.map((name) => name.split(':')[0])).toEqual(Object.keys(DETECTORS));
  });

  test('without those that keep training rows, if none may', () => {
    const none = { keepsNoRows: true };
    expect(chooseNames(undefined, { ...table, ...none })).toEqual([
      'mixture:projection',
      'robust_covariance:projection',
    ]);
    expect(chooseNames(undefined, { ...image, ...none })).toEqual([
      'reconstruction:difference',
      'local_error:difference',
      'mixture:code',
    ]);
    expect(chooseNames(['ecod', 'hbos'], { ...table, ...none })).toEqual(['ecod:input', 'hbos:input']);
    for (const name of ['knn', 'knn_mean:code', 'knn_5_percent', 'lof:projection', 'kde']) {
      expect(() => chooseNames(['ecod', name], { ...image, ...none })).toThrow(
        `detectors: ${name} keeps training rows, but keep_rows is none; choose from reconstruction, absolute_error`,
      );
    }
  });

  test('say which of them keep training rows', () => {
    expect(describeModelRows(['mixture:projection', 'local_error:difference'])).toEqual([
      'scorer.onnx holds no training row',
    ]);
    expect(describeModelRows(['knn:input', 'lof:projection', 'kde:code', 'ecod:input'])).toEqual([
      'scorer.onnx contains training rows (knn:input, lof:projection); train with --keep-rows none to avoid that',
      'scorer.onnx contains codes of training rows, which the decoder turns into approximate rows (kde:code); train with --keep-rows none to avoid that',
    ]);
  });

  test('may be one detector in two views', () => {
    expect(chooseNames(['knn:input', 'knn:code'])).toEqual(['knn:input', 'knn:code']);
  });
});

describe('an error names what is wrong', () => {
  const everything = Object.keys(DETECTORS)
    .filter((name) => name !== 'elbo')
    .join(', ');
  test.each<[string, readonly string[], DetectedModel, string]>([
    [
      'an unknown detector',
      ['knm:code'],
      table,
      `no detector knm for this data and model; did you mean knn? Known: ${everything}`,
    ],
    [
      'a property of every object',
      ['constructor'],
      table,
      `no detector constructor for this data and model; did you mean reconstruction? Known: ${everything}`,
    ],
    [
      'windows for a table',
      ['local_error'],
      table,
      `no detector local_error for this data and model; choose from ${everything}`,
    ],
    [
      'an unknown detector for images',
      ['x'],
      image,
      `no detector x for this data and model; choose from ${everything}, local_error`,
    ],
    ['an unknown view', ['knn:codes'], table, 'knn takes the view input, projection or code, not codes'],
    [
      'no view after the colon',
      ['knn:'],
      table,
      'knn takes the view input, projection or code, not an empty one',
    ],
    [
      'a view of other detectors',
      ['knn:difference'],
      table,
      'knn takes the view input, projection or code, not difference',
    ],
    [
      'a view other than its only one',
      ['reconstruction:input'],
      table,
      'reconstruction takes the view difference, not input',
    ],
    [
      'more than one view',
      ['knn:code:input'],
      table,
      'knn takes the view input, projection or code, not code:input',
    ],
    ['the same twice', ['knn', 'knn:input'], table, 'knn:input is listed twice'],
    [
      'the same twice, for images',
      ['local_error', 'local_error:difference'],
      image,
      'local_error:difference is listed twice',
    ],
    [
      'the lower bound for a model that is not variational',
      ['elbo'],
      table,
      'elbo needs a variational model',
    ],
    ['no members', [], table, 'at least one is needed'],
  ])('%s', (_name, names, kind, sentence) => {
    expect(() => chooseMembers(names, kind)).toThrow(new ConfigurationError(`detectors: ${sentence}`));
  });
});

test('names that no data has are refused before it is known', () => {
  assertNames(undefined);
  assertNames(['knn', 'mixture:code', 'elbo', 'local_error:difference']);
  expect(() => assertNames(['knn:foo'])).toThrow(
    new ConfigurationError('detectors: knn takes the view input, projection or code, not foo'),
  );
  expect(() => assertNames(['knm:code'])).toThrow(
    'detectors: there is no detector knm; did you mean knn? Known: ',
  );
});
