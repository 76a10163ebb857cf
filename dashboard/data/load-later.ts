import { CodeIndex } from '../../bundle/codes.ts';
import { BundleError } from '../../bundle/error.ts';
import type { Bundle } from '../../bundle/files.ts';
import { parseReport, type Report } from '../../bundle/report.ts';

/** Reads `report.json`. Throws a {@link BundleError}. */
export async function loadReport(bundle: Bundle): Promise<Report> {
  const report = parseReport(await bundle.json('report.json'));
  const { points } = bundle.manifest.map;
  const stray = report.ranking.find((index) => index >= points);
  if (stray !== undefined) {
    throw new BundleError(`report.json ranks point ${stray}, but map.parquet has ${points} points`);
  }
  return report;
}

/** Reads the codes that new samples are placed by. Throws a {@link BundleError}. */
export async function loadCodes(bundle: Bundle, kernels: WebAssembly.Module): Promise<CodeIndex> {
  const { codes: expected, points } = bundle.manifest.map;
  const codes = new CodeIndex(await bundle.file('codes.bin'), kernels);
  if (codes.count !== (expected ?? points)) {
    throw new BundleError(`codes.bin has ${codes.count} points, but the manifest says ${expected ?? points}`);
  }
  return codes;
}

/** The neighbours of the point with this place in a file of neighbours, `k` for each point. Throws a {@link BundleError}. */
export function listNeighbours(file: Uint8Array, k: number, place: number): number[] {
  const start = 4 * k * place;
  if (start + 4 * k > file.length)
    throw new BundleError(`a file of neighbours is too short for point ${place}`);
  const view = new DataView(file.buffer, file.byteOffset + start, 4 * k);
  return Array.from({ length: k }, (_, j) => view.getUint32(4 * j, true));
}
