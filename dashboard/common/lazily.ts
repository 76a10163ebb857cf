/** A function that loads something when it is first called, and then returns the same. It tries again after a failure. */
export function lazily<Result>(load: () => Promise<Result>): () => Promise<Result> {
  let result: Promise<Result> | undefined;
  return () => {
    if (!result) {
      result = load();
      result.catch(() => {
        result = undefined;
      });
    }
    return result;
  };
}
