import { globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

test('text is regular or bold: a font without the weights between falls back to another face', () => {
  const files = globSync('dashboard/**/*.{svelte,css,ts}');
  expect(files.length).toBeGreaterThan(60);
  const others = files.flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/font-?weight['"]?\s*[:=]\s*['"{]*([\w.]+)/gi)]
      .filter(([, weight]) => !['400', '700', 'normal', 'bold'].includes(weight!))
      .map(([text]) => `${file}: ${text}`),
  );
  expect(others).toEqual([]);
});
