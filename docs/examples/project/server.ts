// An app of one's own on Node: its own routes, and those of the API for the model in models/sensors.
import { Hono } from 'hono';
import { createApp } from 'offmanifold/functions';
import { loadModel } from 'offmanifold/server';

const app = new Hono();
app.get('/hello', (c) => c.text('hello'));
// After the routes of one's own: the headers of the API are for what follows.
app.route('/', createApp(await loadModel('models/sensors')));

const response = await app.request('/api/v1/score', {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ instances: [[1, -1, 1, -1, 1]] }),
});
console.log(response.status, await response.json(), await (await app.request('/hello')).text());
