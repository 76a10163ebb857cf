// A Worker of one's own: `main = "worker.ts"` in wrangler.toml. `offmanifold build` writes dist/deployment.js.
import { Hono } from 'hono';
import { createApp } from 'offmanifold/functions';
import { model, settings } from './dist/deployment.js';

const app = new Hono();
app.get('/api/hello', (c) => c.text('hello'));
app.route('/', createApp(model, settings));

export default app;
