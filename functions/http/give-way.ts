import { Problem } from './problem.ts';

/**
 * Gives way to other requests between two steps of a long one. If the client has gone, nothing more is computed: on
 * Cloudflare, a request without a client ends here without a word; on Node, its signal tells. Takes a millisecond: the
 * platform has no shorter wait in which it looks at connections.
 */
export async function giveWay(signal: AbortSignal): Promise<void> {
  await new Promise<void>((done) => {
    setTimeout(done, 0);
  });
  if (signal.aborted) throw new Problem('aborted', 'the client has gone');
}
