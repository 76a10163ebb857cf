import { afterEach, expect, test, vi } from 'vitest';
import { listModels } from '../../../dashboard/data/models.ts';

const SITE = 'http://host/site/';

afterEach(() => vi.unstubAllGlobals());

test('the models of a site are those of its list', async () => {
  const answer = vi.fn(async (_: URL) => Response.json(['first', 'second']));
  vi.stubGlobal('fetch', answer);
  expect(await listModels(SITE)).toEqual(['first', 'second']);
  expect(String(answer.mock.calls[0]![0])).toBe(`${SITE}models.json`);
});

test.each([
  [
    'no connection',
    () => Promise.reject(new TypeError('failed')),
    'models.json cannot be read: there is no connection to host',
  ],
  [
    'an error of the host',
    async () => new Response('', { status: 500 }),
    'models.json cannot be read: HTTP 500',
  ],
  ['a page in its place', async () => new Response('<html>'), 'models.json is damaged: it is not JSON'],
  [
    'something else',
    async () => Response.json({ models: 2 }),
    'models.json is damaged: it is not a list of names',
  ],
])('%s is not taken for a site with one model', async (_, answer, message) => {
  vi.stubGlobal('fetch', answer);
  await expect(listModels(SITE)).rejects.toThrow(message);
});
