/** Work was stopped from outside: by a signal, or by its `AbortSignal`. */
export class Interruption extends Error {
  override readonly name = 'Interruption';
}
