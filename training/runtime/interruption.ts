/** Work was stopped from outside: by a signal, or by its `AbortSignal`. At the command line, the message says how to go on. */
export class Interruption extends Error {
  override readonly name = 'Interruption';
}
