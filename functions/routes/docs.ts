import { COMMON_PROBLEMS, type Route } from './route.ts';

/** Redirects to the static page that displays openapi.json; to openapi.json itself where there are no pages. */
export const docs: Route = {
  method: 'get',
  path: '/api/docs',
  handle: (c, _model, { showData }) => c.redirect(showData ? '/docs/' : '/api/openapi.json'),
  describe: () => ({
    summary: 'Browse and try the API',
    tags: ['description'],
    responses: {
      302: { description: 'The page.', headers: ['Location'] },
      ...COMMON_PROBLEMS,
    },
  }),
};
