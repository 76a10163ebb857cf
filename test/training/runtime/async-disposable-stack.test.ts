import { describe, expect, test } from 'vitest';
import { Stack } from '../../../training/runtime/async-disposable-stack.ts';

// The standard one, of this Node, is the independent truth.
describe.each([
  ['the standard one', AsyncDisposableStack],
  ['ours', Stack],
])('%s', (_, Kind) => {
  test('releases all, the last one first, and once', async () => {
    const released: string[] = [];
    const stack = new Kind();
    const resource = { [Symbol.asyncDispose]: async () => void released.push('asynchronous') };
    expect(stack.use(resource)).toBe(resource);
    stack.use({ [Symbol.dispose]: () => void released.push('synchronous') });
    expect(stack.use(null)).toBe(null);
    expect(stack.adopt('adopted', (value) => void released.push(value))).toBe('adopted');
    stack.defer(async () => void released.push('deferred'));
    await stack.disposeAsync();
    await stack.disposeAsync();
    expect(released).toEqual(['deferred', 'adopted', 'synchronous', 'asynchronous']);
    expect(stack.disposed).toBe(true);
    expect(() => stack.defer(() => {})).toThrow(ReferenceError);
  });

  test('hands its resources over', async () => {
    const released: string[] = [];
    let moved: AsyncDisposableStack;
    {
      await using stack = new Kind();
      stack.defer(() => void released.push('resource'));
      moved = stack.move();
    }
    expect(released).toEqual([]);
    await moved.disposeAsync();
    expect(released).toEqual(['resource']);
  });

  test('releases the rest after an error, and throws it', async () => {
    const released: string[] = [];
    const stack = new Kind();
    stack.defer(() => void released.push('first'));
    stack.defer(() => {
      throw new Error('fails');
    });
    await expect(stack.disposeAsync()).rejects.toThrow('fails');
    expect(released).toEqual(['first']);
    expect(() => new Kind().use({} as Disposable)).toThrow(TypeError);
  });
});
