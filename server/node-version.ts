/** The oldest Node that has the relaxed SIMD of our kernels. */
const OLDEST = 22;

// The kernels are compiled as soon as they are imported, which an older Node cannot do: this file is imported first.
if (Number.parseInt(process.versions.node, 10) < OLDEST) {
  console.error(`offmanifold: Node ${process.version} is too old: the server needs Node ${OLDEST} or later`);
  process.exit(1);
}
