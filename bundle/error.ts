/**
 * A mistake in the user's input: a file, an option, a request. The message says what is wrong, where, and what is
 * expected instead; the command line prints it without a stack. Every error that a user can cause extends this class.
 * Any other error is a bug, and shows its stack.
 */
export class UserError extends Error {
  override readonly name: string = 'UserError';
}

/** A bundle that is damaged, incomplete, of another version or unfit for its use; the message says which. */
export class BundleError extends UserError {
  override readonly name = 'BundleError';
}

/** A file of a bundle that cannot be read because there is no connection. */
export class ConnectionError extends BundleError {}

/** Input data that cannot be used. The message says where the fault is and what is accepted instead. */
export class DataError extends UserError {
  override readonly name = 'DataError';
}
