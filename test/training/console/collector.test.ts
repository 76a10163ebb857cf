import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from '../../support/paths.ts';

test('the collector can be called after it is enabled, and frees what nothing holds', () => {
  const code = `
    import { enableCollector } from '${join(ROOT, 'training/console/collector.ts')}';
    const before = typeof globalThis.gc;
    enableCollector();
    let held = new Array(5e6).fill(0).map(String);
    const full = process.memoryUsage().heapUsed;
    held = undefined;
    globalThis.gc({ type: 'major' });
    console.log(before, typeof globalThis.gc, process.memoryUsage().heapUsed < full / 2);
  `;
  const text = execFileSync(process.execPath, ['--input-type=module', '-e', code], { encoding: 'utf8' });
  expect(text).toBe('undefined function true\n');
});
