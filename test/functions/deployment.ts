// What `offmanifold build` writes to dist/deployment.js by default.
export { createEngine } from '../../functions/model/offmanifold-engine.ts';
export const apiOnly = false;
