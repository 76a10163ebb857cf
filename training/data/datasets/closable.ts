/** What everything that owns resources has: `close`, and `await using`. Closing twice does nothing more. */
export interface Closable extends AsyncDisposable {
  close(): Promise<void>;
}

/** Makes a {@link Closable} that disposes of a stack of resources, the last one first. */
export function makeClosable(resources: AsyncDisposableStack): Closable {
  const close = () => resources.disposeAsync();
  return { close, [Symbol.asyncDispose]: close };
}
