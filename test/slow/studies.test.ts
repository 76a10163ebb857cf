import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { openFolder } from '../../bundle/node/folder.ts';
import { parseReport } from '../../bundle/report.ts';
import { updateStudies } from '../../training/commands/studies.ts';
import { ROOT } from '../support/paths.ts';

test('the studies find the same again with the same seed, but for the clock', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'offmanifold-'));
  vi.spyOn(console, 'log').mockImplementation(() => {});
  const runs = [];
  for (const name of ['first', 'second']) {
    const bundle = join(folder, name, 'mnist');
    await cp(join(ROOT, 'models/mnist'), bundle, { recursive: true });
    await updateStudies(bundle, { seed: 1, quick: true });
    const { studies } = parseReport(await (await openFolder(bundle)).json('report.json'));
    const { seconds: _seconds, ...timeless } = studies!;
    runs.push(timeless);
  }
  vi.restoreAllMocks();
  await rm(folder, { recursive: true });
  expect(runs[1]).toEqual(runs[0]);
});
