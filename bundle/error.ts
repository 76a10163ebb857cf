/**
 * What is wrong with what a user gave: a file, an option, a request. The message says what, where, and what is
 * accepted instead; the command line prints it without a stack. Every error that a user can cause extends it.
 * Any other error is a bug, and shows its stack.
 */
export class UserError extends Error {
  override readonly name: string = 'UserError';
}

/** A bundle that is damaged, incomplete, of another version or not fit for its use; the message says how. */
export class BundleError extends UserError {
  override readonly name = 'BundleError';
}
