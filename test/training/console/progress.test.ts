import { expect, test } from 'vitest';
import { beQuiet, Progress } from '../../../training/console/progress.ts';

/** What a progress says on a stream that is a terminal, or none. */
function record(isTTY: boolean) {
  let text = '';
  const write = (part: string) => {
    text += part;
  };
  const progress = new Progress({ isTTY, columns: 40, write });
  return { progress, text: () => text };
}

test('elsewhere than on a terminal, landmarks are lines of their own', () => {
  const { progress, text } = record(false);
  progress.update('epoch 1', 0.1, true);
  progress.update('epoch 1.5', 0.15);
  progress.update('epoch 2', 0.2, true);
  progress.line('done');
  expect(text()).toBe('epoch 1\nepoch 2\ndone\n');
});

test('on a terminal one line is rewritten, and ends before another', () => {
  const { progress, text } = record(true);
  progress.update('epoch 1', 0.5, true);
  progress.line('done');
  expect(text()).toMatch(/^\r\S*\[█{10}░{10}\] epoch 1\ndone\n$/);
});

// The last test: nothing makes it loud again.
test('quiet leaves warnings only', () => {
  beQuiet();
  const { progress, text } = record(false);
  progress.line('reading');
  progress.update('epoch 1', 0.1, true);
  progress.warn('too few samples');
  expect(text()).toBe('warning: too few samples\n');
});
