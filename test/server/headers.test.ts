import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readHeaders } from '../../server/headers.ts';
import { ROOT } from '../support/paths.ts';

test('a rule is for its path, or for all that begin like it; what matches several has the headers of all', () => {
  const headersOf = readHeaders('/*\n  A: 1\n\n/a/*\n  B: x: y  \n\tC: 3\n/a/b\n  D: 4\n');
  expect(headersOf('/')).toEqual([['A', '1']]);
  expect(headersOf('/a/')).toEqual([
    ['A', '1'],
    ['B', 'x: y'],
    ['C', '3'],
  ]);
  expect(headersOf('/a/b').map(([name]) => name)).toEqual(['A', 'B', 'C', 'D']);
});

test('the headers of the dashboard are all found', () => {
  const text = readFileSync(join(ROOT, 'dashboard/public/_headers'), 'utf8');
  const names = (path: string) => readHeaders(text)(path).map(([name]) => name);
  expect(names('/')).toContain('Content-Security-Policy');
  expect(names('/')).not.toContain('Cache-Control');
  expect(names('/assets/index-1.js')).toContain('Cache-Control');
  // Placeholders, names without a value and other hosts are not read.
  expect(text).not.toMatch(/^(\S*:|\s+!|https)/m);
});
