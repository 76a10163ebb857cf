import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Address } from '../../../dashboard/common/address.ts';

/** The steps of the browser, the last of which is shown. */
let steps: string[];
let changes: number;
let address: Address;

beforeEach(() => {
  steps = ['#map'];
  changes = 0;
  vi.useFakeTimers();
  vi.stubGlobal('location', {
    get hash() {
      return steps.at(-1);
    },
  });
  const change = (next: string[]) => {
    steps = next;
    changes++;
  };
  vi.stubGlobal('history', {
    pushState: (_state: null, _title: string, hash: string) => change([...steps, hash]),
    replaceState: (_state: null, _title: string, hash: string) => change(steps.with(-1, hash)),
  });
  address = new Address();
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test('a long drag changes the address twice, and the address ends where the drag did', () => {
  address.push('#map?range=0');
  for (let i = 1; i <= 1000; i++) {
    address.replace(`#map?range=${i}`);
    vi.advanceTimersByTime(16);
  }
  expect(address.hash).toBe('#map?range=1000');
  vi.advanceTimersByTime(200);
  expect([steps, changes]).toEqual([['#map', '#map?range=1000'], 2]);
  expect(address.hash).toBe('#map?range=1000');
});

test('a new step, or a link that is copied, does not wait, and the step before it keeps its last change', () => {
  address.replace('#map?range=1');
  address.push('#anomalies');
  expect(steps).toEqual(['#map?range=1', '#anomalies']);
  address.replace('#anomalies?find=a');
  address.flush();
  expect(steps).toEqual(['#map?range=1', '#anomalies?find=a']);
  vi.advanceTimersByTime(1000);
  expect(changes).toBe(3);
});

test('an address that the browser has gone to is not replaced by what waited', () => {
  address.replace('#map?range=1');
  steps = ['#map', '#report'];
  address.drop();
  vi.advanceTimersByTime(1000);
  expect([address.hash, changes]).toEqual(['#report', 0]);
});
