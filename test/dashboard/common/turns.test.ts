import { expect, test } from 'vitest';
import { Turns } from '../../../dashboard/common/turns.ts';

/** What was heard of loads, in order, after those that are named have ended. */
function createLoads() {
  const turns = new Turns();
  const heard: string[] = [];
  const load = (name: string) => {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    turns.load(
      promise,
      (loaded) => heard.push(loaded),
      (error) => heard.push(error.message),
    );
    const settle = (end: () => void) => {
      end();
      return promise.then(
        () => undefined,
        () => undefined,
      );
    };
    return {
      arrive: () => settle(() => resolve(name)),
      fail: () => settle(() => reject(new Error(`no ${name}`))),
    };
  };
  return { turns, heard, load };
}

test('what loads is handed on, or why it does not load', async () => {
  const { heard, load } = createLoads();
  await load('first').arrive();
  await load('second').fail();
  expect(heard).toEqual(['first', 'no second']);
});

test('a slow load is dropped once a newer one has begun, whether it arrives or fails', async () => {
  const { heard, load } = createLoads();
  const [slow, broken, newest] = [load('slow'), load('broken'), load('newest')];
  await newest.arrive();
  await slow.arrive();
  await broken.fail();
  expect(heard).toEqual(['newest']);
});

test('a slow load is dropped once the user has entered something', async () => {
  const { turns, heard, load } = createLoads();
  const slow = load('slow');
  turns.begin();
  await slow.arrive();
  expect(heard).toEqual([]);
});
