import { UserError } from '../../../bundle/error.ts';

/** What is wrong with input data, in one sentence that says where and what is accepted. */
export class DataError extends UserError {
  override readonly name = 'DataError';
}
