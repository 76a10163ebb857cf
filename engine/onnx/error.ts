/** A model that the engine cannot read or run, and why. */
export class EngineError extends Error {
  override readonly name = 'EngineError';
}
