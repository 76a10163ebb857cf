/** Resolves when what was changed is painted, also what is drawn in a second frame, once its size is known. */
export async function painted(): Promise<void> {
  for (let frame = 0; frame < 2; frame++) {
    await new Promise<void>((done) => requestAnimationFrame(() => setTimeout(done)));
  }
}
