import { createEngine } from '../dist/engine.js';
import { createApp } from './app.ts';
import { deployedFiles } from './deployed.ts';
import { openModel } from './model/model.ts';

const model = openModel(deployedFiles, createEngine);
// The first request finds the engine ready; if it cannot start, that request says why.
await model.engine().catch(() => {});

export default createApp(model);
