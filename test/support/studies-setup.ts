import { cp, writeFile } from 'node:fs/promises';
import { updateStudies } from '../../training/commands/studies.ts';
import { makeOnce } from './cache.ts';
import { STUDIED, TEST_BUNDLE } from './paths.ts';

/** Runs the quick form of the studies on a copy of the small MNIST bundle, once, and keeps what it prints. */
export default function setup(): Promise<void> {
  return makeOnce(STUDIED, async (folder) => {
    await cp(TEST_BUNDLE, `${folder}/test-bundle`, { recursive: true });
    const printed: string[] = [];
    const { log } = console;
    console.log = (line: string) => void printed.push(line);
    try {
      await updateStudies(`${folder}/test-bundle`, { seed: 1, quick: true });
    } finally {
      console.log = log;
    }
    await writeFile(`${folder}/printed.txt`, printed.join('\n'));
  });
}
