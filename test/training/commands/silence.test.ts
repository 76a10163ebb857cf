import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Silence } from '../../../training/commands/silence.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('slow is not silent: only a pause that is too long aborts', () => {
  using silence = new Silence(1000);
  for (let i = 0; i < 50; i++) {
    vi.advanceTimersByTime(999);
    silence.heard();
  }
  expect(silence.signal.aborted).toBe(false);
  vi.advanceTimersByTime(1000);
  expect(silence.signal.aborted).toBe(true);
});

test('afterwards, no sound starts it again', () => {
  const silence = new Silence(1000);
  silence[Symbol.dispose]();
  silence.heard();
  expect(vi.getTimerCount()).toBe(0);
  vi.advanceTimersByTime(5000);
  expect(silence.signal.aborted).toBe(false);
});
