// The Worker that the tests deploy, as `offmanifold build` writes it to dist/.
import codes from '../../dist/bundle/codes.bin';
import manifest from '../../dist/bundle/manifest.json';
import scorer from '../../dist/bundle/scorer.onnx';
import { openDeployment, readModules } from '../../functions/deployment.ts';
import { createApp } from '../../functions/index.ts';
import { createEngine } from '../../functions/model/offmanifold-engine.ts';

const modules = { manifest, scorer, codes };
export const deployedFiles = readModules(modules);

const { model, settings } = await openDeployment(modules, { createEngine, apiOnly: false });
export default createApp(model, settings);
