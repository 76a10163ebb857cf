/**
 * The API as a library, for a Hono app of one's own: `import { createApp } from 'offmanifold/functions'`. In a Worker,
 * `dist/deployment.js` has the model and the settings; on Node, `offmanifold/server` opens a bundle.
 */
export type { Key, Scope } from '../bundle/variables.ts';
export { createApp } from './app.ts';
export type { ApiEnv } from './http/context.ts';
export { DEFAULT_SETTINGS, readSettings, type Settings } from './http/settings.ts';
export { createMapApp } from './map-app.ts';
export type { Model } from './model/model.ts';
