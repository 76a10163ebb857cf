import { expect, test } from 'vitest';
import { explainNode } from '../../../bundle/node/version.ts';

test.each(['22.21.0', '22.23.1', '24.9.0', '24.21.0', '26.0.0'])('Node %s runs the package', (version) => {
  expect(explainNode(version)).toBeUndefined();
});

test.each(['18.20.0', '20.20.2', '22.12.0', '22.20.0', '23.11.0', '24.8.0'])(
  'Node %s is too old',
  (version) => {
    expect(explainNode(version)).toBe(
      `Node ${version} is too old: it needs Node 22.21, 24.9 or later; in this folder: npm install --save-dev node@24`,
    );
  },
);
