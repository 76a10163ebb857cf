import type { RouteConfig } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { Manifest } from '../../bundle/manifest.ts';
import { ProblemSchema } from '../http/problem.ts';
import type { Model } from '../model/model.ts';

/** A path of the API and its method. */
export interface Route {
  readonly method: 'get' | 'post';
  readonly path: string;
  handle(c: Context, model: Model): Response | Promise<Response>;
  /** Describes the route in openapi.json, for the model of the manifest. */
  describe(manifest: Manifest): Omit<RouteConfig, 'method' | 'path'>;
}

/** Describes a response that is a problem. */
export const describeProblem = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: ProblemSchema } },
});

/** The problems that every path may return. */
export const COMMON_PROBLEMS = {
  405: describeProblem('The path does not accept this method. `Allow` lists those it accepts.'),
  500: describeProblem('The service failed. The error is not in the request.'),
  503: describeProblem('The deployed model is damaged. `detail` names the file and the damage.'),
};
