/** What is wrong with a bundle, in one sentence that names the file. The only error this folder throws. */
export class BundleError extends Error {
  override readonly name = 'BundleError';
}
