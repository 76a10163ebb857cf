import type { EngineName } from '../../bundle/scorer.ts';

/**
 * The modules of the Worker that `build` writes to `dist/`, by name. `worker.js` is the Worker; one's own, in its place,
 * imports the model and the settings from `deployment.js`, too.
 */
export const workerModules = (engine: EngineName, apiOnly: boolean): Readonly<Record<string, string>> => ({
  'worker.js': `// Written by offmanifold build.
import { createApp } from 'offmanifold/functions';
import { model, settings } from './deployment.js';

export default createApp(model, settings);
`,
  'deployment.js': `// Written by offmanifold build.
import { openDeployment } from 'offmanifold/functions/deployment';
import { createEngine } from 'offmanifold/functions/model/${engine}-engine';
import codes from './bundle/codes.bin';
import manifest from './bundle/manifest.json';
import scorer from './bundle/scorer.onnx';

const modules = { manifest, scorer, codes };
export const { model, settings } = await openDeployment(modules, { createEngine, apiOnly: ${apiOnly} });
`,
  'deployment.d.ts': `// Written by offmanifold build.
import type { Model, Settings } from 'offmanifold/functions';

/** The model that is deployed with this Worker. */
export declare const model: Model;
/** How it behaves: API keys, origins and limits, from the variables and secrets of the Worker. */
export declare const settings: Settings;
`,
});

/** The same for a map without a model: it imports no model. */
export const mapModules: Readonly<Record<string, string>> = {
  'worker.js': `// Written by offmanifold build.
import { createMapApp } from 'offmanifold/functions';
import manifest from './bundle/manifest.json';

export default createMapApp(manifest);
`,
};
