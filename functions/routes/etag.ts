import type { Context } from 'hono';

/** Answers with what follows from these parts alone, or with 304 if the client has the answer for them. */
export function answerUnlessKnown(c: Context, parts: readonly string[], make: () => object): Response {
  const etag = `"${parts.join('-')}"`;
  const headers = { ETag: etag, 'Cache-Control': 'no-cache' };
  const known = c.req.header('If-None-Match')?.split(',') ?? [];
  const same = known.some((tag) => ['*', etag].includes(tag.trim().replace(/^W\//, '')));
  return same ? c.body(null, 304, headers) : c.json(make(), 200, headers);
}
