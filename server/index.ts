/** A bundle for the API on Node, in an app of one's own: `import { loadModel } from 'offmanifold/server'`. */
import { UserError } from '../bundle/error.ts';
import { folderSource, openFolder } from '../bundle/node/folder.ts';
import { explainNode } from '../bundle/node/version.ts';
import { loadKernels } from '../engine/kernels.ts';
import { type Model, openModel } from '../functions/model/model.ts';
import { startEngine } from '../functions/model/start-engine.ts';
import { rehearse } from '../functions/routes/score.ts';

export type { Model } from '../functions/model/model.ts';

/**
 * Loads the bundle in a folder, such as `models/readings`, for `createApp` of `offmanifold/functions`. Scores a sample, so
 * that damage shows now and the first request waits for nothing. Throws a BundleError that says what is
 * wrong, or a UserError if Node is too old.
 */
export async function loadModel(folder: string): Promise<Model> {
  const problem = explainNode();
  if (problem !== undefined) throw new UserError(problem);
  await openFolder(folder);
  const kernels = await loadKernels();
  const model = openModel(folderSource(folder), (scorer) => startEngine(scorer, kernels), kernels);
  await rehearse(model);
  return model;
}
