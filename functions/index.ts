import { env } from 'cloudflare:workers';
import { apiOnly, createEngine } from '../dist/deployment.js';
import kernels from '../kernels/build/inference-relaxed.wasm';
import { createApp } from './app.ts';
import { deployedFiles } from './deployed.ts';
import { readSettings } from './http/settings.ts';
import { openModel } from './model/model.ts';
import { rehearse } from './routes/score.ts';

const model = openModel(deployedFiles, createEngine, kernels);
// The platform counts this as the start of the isolate, not as a request. If the model is damaged, requests say why.
await rehearse(model).catch(() => {});

const settings = readSettings(env);

export default createApp(model, { ...settings, showData: !apiOnly });
