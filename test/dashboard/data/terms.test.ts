import { expect, test } from 'vitest';
import { nameClasses, nameOf } from '../../../dashboard/data/dataset.ts';
import { capitalise, readableName, termsFor } from '../../../dashboard/data/terms.ts';
import { columns } from './columns.ts';
import { pointsOf } from './points.ts';

type Data = Parameters<typeof termsFor>[0]['data'];

const data = (shape: number[], classes: string[], scaling: Data['scaling']) => ({
  scorer: {},
  data: {
    name: 'some',
    shape,
    features: shape.reduce((product, side) => product * side, 1),
    encoded: 1,
    names: null,
    label: null,
    excluded: [],
    range: null,
    scaling,
    classes,
    splits: { train: 1, validation: 1, calibration: 1, test: 1 },
  },
});
const range: Data['scaling'] = { kind: 'range', low: 0, high: 255 };

test('the score is named by its rule; without one, as in older bundles, it is the mean', () => {
  const some = data([6], [], range);
  expect(termsFor(some).score).toBe('the mean of the surprises, in nats');
  expect(termsFor({ ...some, scorer: { fusion: 'max' } }).score).toBe(
    'the largest of the surprises, in nats',
  );
});

test('images with the classes 0 to 9 are digits, made of pixels', () => {
  const { item, items, sample, aSample, feature, label } = termsFor(
    data([28, 28, 1], ['0', '1', '7'], range),
  );
  expect({ item, items, sample, aSample, feature, label }).toEqual({
    item: 'digit',
    items: 'digits',
    sample: 'image',
    aSample: 'an image',
    feature: 'pixel',
    label: 'Digit',
  });
});

test('other images are images, and one number of a colour image is a value', () => {
  expect(termsFor(data([32, 32, 3], ['cat', 'dog'], range))).toMatchObject({
    item: 'image',
    feature: 'value',
    label: 'Class',
  });
  expect(termsFor(data([28, 28, 1], ['7'], range)).item).toBe('image');
  expect(termsFor(data([28, 28, 1], [], range)).item).toBe('image');
});

test('tables have rows and columns, matrices rows and features, whatever their classes', () => {
  const table = termsFor(data([6], ['0', '1'], { kind: 'columns', columns }));
  expect(table).toMatchObject({
    item: 'row',
    samples: 'rows',
    aSample: 'a row',
    feature: 'column',
    label: 'Class',
  });
  const matrix = termsFor(data([6], [], { kind: 'standard', mean: [], deviation: [] }));
  expect(matrix).toMatchObject({ item: 'row', feature: 'feature' });
});

test('classes of a column say what they are', () => {
  const table = data([6], ['0', '1'], { kind: 'columns', columns });
  const labelled = { ...table.data, label: 'fault' };
  expect(nameClasses(labelled)).toEqual(['fault = 0', 'fault = 1']);
  const terms = termsFor({ ...table, data: labelled });
  const points = pointsOf([
    { label: 1, id: 5 },
    { label: -1, id: 7 },
  ]);
  const named = { classes: nameClasses(labelled), points, terms };
  expect([nameOf(named, 0), nameOf(named, 1)]).toEqual(['fault = 1', 'Row 7']);
  expect(nameClasses(table.data)).toEqual(['0', '1']);
});

test('technical names become words', () => {
  expect(readableName('binary_cross_entropy')).toBe('binary cross entropy');
  expect(readableName('gaussian_nll')).toBe('negative Gaussian log-likelihood');
});

test('a word is capitalised without touching the rest, and an empty one stays empty', () => {
  expect(['pCA-64', 'an image', ''].map(capitalise)).toEqual(['PCA-64', 'An image', '']);
});
