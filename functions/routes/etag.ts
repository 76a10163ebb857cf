import { sha256Hex } from '../../bundle/integrity.ts';
import type { ApiContext } from '../http/context.ts';

/** An answer in JSON, and the tag of exactly these bytes: another model or another version of the API has another one. */
export interface TaggedJson {
  readonly json: string;
  readonly etag: string;
}

/** Writes an answer in JSON, with its tag. */
export async function tagJson(value: object): Promise<TaggedJson> {
  const json = JSON.stringify(value);
  const hash = await sha256Hex(new TextEncoder().encode(json));
  return { json, etag: `"${hash.slice(0, 32)}"` };
}

/** Answers with JSON, or with 304 if the client has it. */
export function answerUnlessKnown(c: ApiContext, { json, etag }: TaggedJson): Response {
  const headers = { ETag: etag, 'Cache-Control': 'no-cache' };
  const known = c.req.header('If-None-Match')?.split(',') ?? [];
  const same = known.some((tag) => ['*', etag].includes(tag.trim().replace(/^W\//, '')));
  return same
    ? c.body(null, 304, headers)
    : c.body(json, 200, { ...headers, 'Content-Type': 'application/json' });
}
