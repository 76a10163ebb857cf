import { expect, test } from 'vitest';
import type { Configuration } from '../../../training/config/schema.ts';
import { openSource } from '../../../training/data/source.ts';

test.each<[string, Configuration]>([
  ['label', { label: 'x' }],
  ['na', { na: ['-999'] }],
  ['decimal', { decimal: ',' }],
  ['header', { header: false }],
])('%s is refused for data without named columns', async (name, configuration) => {
  for (const data of ['mnist', 'rows.npy', 'images.idx', 'test']) {
    await expect(openSource(data, configuration)).rejects.toThrow(
      `${name} is given, but ${data} has no named columns`,
    );
  }
});
