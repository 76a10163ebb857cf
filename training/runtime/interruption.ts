/** The work was stopped from outside: neither a mistake of the user nor a bug. */
export class Interruption extends Error {
  override readonly name = 'Interruption';
}
