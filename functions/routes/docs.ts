import type { Route } from './route.ts';

/** Leads to the page, one of the static files, that shows openapi.json to people. */
export const docs: Route = {
  method: 'get',
  path: '/api/docs',
  handle: (c) => c.redirect('/docs/'),
  describe: () => ({
    summary: 'This description, to read and to try out',
    tags: ['description'],
    responses: { 302: { description: 'To the page.' } },
  }),
};
