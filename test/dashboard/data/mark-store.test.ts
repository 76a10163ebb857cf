import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { MarkStore } from '../../../dashboard/data/mark-store.svelte.ts';

/** What a browser keeps, in memory; `full` refuses to keep more. */
function createStorage() {
  const texts = new Map<string, string>();
  const storage = {
    full: false,
    getItem: (key: string) => texts.get(key) ?? null,
    setItem: (key: string, text: string) => {
      if (storage.full) throw new DOMException('full', 'QuotaExceededError');
      texts.set(key, text);
    },
    clear: () => texts.clear(),
  };
  return storage;
}

let storage: ReturnType<typeof createStorage>;

beforeEach(() => {
  storage = createStorage();
  vi.stubGlobal('localStorage', storage);
  // Outside a page, state is a plain value.
  vi.stubGlobal('$state', { raw: <T>(value: T) => value });
});

afterEach(() => vi.unstubAllGlobals());

const createTab = () => new MarkStore('model', 10);

test('marks of two tabs are all kept, and each tab shows those of the other', () => {
  const [one, other] = [createTab(), createTab()];
  one.set(1, { mark: 'normal' });
  other.set(2, { mark: 'unsure' });
  one.set(3, { note: 'ask' });
  other.follow({ key: 'offmanifold-marks-model' });
  for (const tab of [one, other, createTab()]) expect([...tab.all.keys()]).toEqual([1, 2, 3]);
});

test('a note and a mark that two tabs give the same point are both kept', () => {
  const [one, other] = [createTab(), createTab()];
  one.set(1, { mark: 'normal' });
  other.set(1, { note: 'ask' });
  expect(other.of(1)).toEqual({ mark: 'normal', note: 'ask' });
});

test('a tab follows the marks of its model, and sees that the storage is cleared', () => {
  const [one, other] = [createTab(), createTab()];
  one.set(1, { mark: 'normal' });
  other.follow({ key: 'offmanifold-marks-another' });
  expect(other.all.size).toBe(0);
  other.follow({ key: 'offmanifold-marks-model' });
  expect(other.all.size).toBe(1);
  storage.clear();
  other.follow({ key: null });
  expect(other.all.size).toBe(0);
});

test('without storage, or once it is full, marks last for the visit', () => {
  const tab = createTab();
  tab.set(1, { mark: 'normal' });
  storage.full = true;
  tab.set(2, { mark: 'normal' });
  tab.set(3, { mark: 'normal' });
  expect([...tab.all.keys()]).toEqual([1, 2, 3]);
  vi.stubGlobal('localStorage', {
    getItem: () => {
      throw new DOMException('refused', 'SecurityError');
    },
  });
  const refused = createTab();
  refused.set(1, { mark: 'normal' });
  refused.set(2, { mark: 'normal' });
  expect(refused.all.size).toBe(2);
});
