/** The versions of Node that run the package, as `engines` of a package.json has them. */
export const NODE_VERSIONS = '^22.21.0 || >=24.9.0';

/**
 * Why a version of Node cannot run the package, in a sentence; undefined if it can. Older versions give onnxruntime-node
 * no arrays in shared memory, where the kernels' are.
 */
export function explainNode(version = process.versions.node): string | undefined {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const recent = major > 24 || (major === 24 && minor >= 9) || (major === 22 && minor >= 21);
  if (recent) return undefined;
  return `Node ${version} is too old: it needs Node 22.21, 24.9 or later; in this folder: npm install --save-dev node@24`;
}
