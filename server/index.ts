/** A bundle for the API on Node, in an app of one's own: `import { openModel } from 'offmanifold/server'`. */
import { folderSource } from '../bundle/node/folder.ts';
import { loadKernels } from '../engine/kernels.ts';
import { type Model, openModel as openSource } from '../functions/model/model.ts';
import { startEngine } from '../functions/model/start-engine.ts';
import { rehearse } from '../functions/routes/score.ts';

export type { Model } from '../functions/model/model.ts';

/**
 * Opens the bundle in a folder, such as `models/readings`, for `createApp` of `offmanifold/functions`. Scores a sample, so
 * that damage shows now and the first request waits for nothing. Throws a BundleError that names the file.
 */
export async function openModel(folder: string): Promise<Model> {
  const kernels = await loadKernels();
  const model = openSource(folderSource(folder), (scorer) => startEngine(scorer, kernels), kernels);
  await rehearse(model);
  return model;
}
