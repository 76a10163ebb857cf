import { UserError } from '../../../bundle/error.ts';

/** Input data that cannot be used. The message says where the fault is and what is accepted instead. */
export class DataError extends UserError {
  override readonly name = 'DataError';
}
