import type { RouteConfig } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { Manifest } from '../../bundle/manifest.ts';
import { ProblemSchema } from '../http/problem.ts';
import type { Model } from '../model/model.ts';

/** One path of the API with the one method that it answers. */
export interface Route {
  readonly method: 'get' | 'post';
  readonly path: string;
  handle(c: Context, model: Model): Response | Promise<Response>;
  /** What openapi.json says of it, for the model of the manifest. */
  describe(manifest: Manifest): Omit<RouteConfig, 'method' | 'path'>;
}

/** The description of an answer that is a problem. */
export const problem = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: ProblemSchema } },
});

/** The problems that every path may answer with. */
export const COMMON_PROBLEMS = {
  405: problem('The path does not take this method; `Allow` says which it takes.'),
  500: problem('The service failed to answer.'),
  503: problem('The deployed model is damaged; `detail` says which file and how.'),
};
