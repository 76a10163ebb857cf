import { COMMON_PROBLEMS, type Route } from './route.ts';

/** Redirects to the static page that displays openapi.json. */
export const docs: Route = {
  method: 'get',
  path: '/api/docs',
  handle: (c) => c.redirect('/docs/'),
  describe: () => ({
    summary: 'Browse and try the API',
    tags: ['description'],
    responses: {
      302: { description: 'The page.', headers: ['Location'] },
      405: COMMON_PROBLEMS[405],
    },
  }),
};
