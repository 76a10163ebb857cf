import { expect, test } from 'vitest';
import { formatDuration } from '../../../training/console/duration.ts';
import { formatTable } from '../../../training/console/table.ts';

test('the first column stands to the left, numbers to the right', () => {
  expect(
    formatTable(
      ['name', 'n'],
      [
        ['a', '10'],
        ['longer', '2'],
      ],
    ),
  ).toEqual(['name     n', 'a       10', 'longer   2']);
});

test('text stands to the left, and long cells are cut', () => {
  const lines = formatTable(
    ['a', 'b'],
    [
      ['x', 'abcdef'],
      ['y', ''],
    ],
    { align: 'left', widest: 4 },
  );
  expect(lines).toEqual(['a  b', 'x  abc…', 'y']);
});

test('durations are seconds, then minutes', () => {
  expect([0, 0.04, 0.4, 59.4, 59.6, 125, -3].map(formatDuration)).toEqual([
    '0 s',
    '0.04 s',
    '0.4 s',
    '59 s',
    '1 min 00 s',
    '2 min 05 s',
    '0 s',
  ]);
});
