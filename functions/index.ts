import { env } from 'cloudflare:workers';
import { createEngine } from '../dist/engine.js';
import { createApp } from './app.ts';
import { deployedFiles } from './deployed.ts';
import { readSettings } from './http/settings.ts';
import { openModel } from './model/model.ts';
import { rehearse } from './routes/score.ts';

const model = openModel(deployedFiles, createEngine);
// The platform counts this as the start of the isolate, not as a request. If the model is damaged, requests say why.
await rehearse(model).catch(() => {});

export default createApp(model, readSettings(env as unknown as Record<string, unknown>));
