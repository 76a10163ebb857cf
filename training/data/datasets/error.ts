/** What is wrong with input data, in one sentence that says where and what is accepted. */
export class DataError extends Error {
  override readonly name = 'DataError';
}
