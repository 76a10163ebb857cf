import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request that wrangler sent. */
interface Sent {
  readonly line: string;
  readonly bytes: number;
}

/**
 * Stands in for Cloudflare's API on a free port of 127.0.0.1, as far as wrangler asks it to deploy a Worker that is new to
 * the account. `secrets`: names of the Worker's secrets; without them there is no such Worker.
 */
export async function startCloudflare(secrets?: readonly string[]) {
  const sent: Sent[] = [];
  const answers: readonly (readonly [request: RegExp, result: unknown])[] = [
    [/^GET \/user$/, { id: 'user', email: 'someone@example.org' }],
    [/^GET \/user\/tokens\/verify$/, { id: 'token', status: 'active' }],
    [/^GET \/accounts$/, [{ id: 'account', name: 'Test' }]],
    [/^GET \/memberships$/, [{ id: 'member', account: { id: 'account', name: 'Test' } }]],
    [/^GET .*\/secrets$/, secrets?.map((name) => ({ name, type: 'secret_text' }))],
    [/^GET .*\/services\/[^/]+$/, undefined],
    [/^GET .*\/deployments$/, { deployments: [] }],
    [/^POST .*\/assets-upload-session$/, { jwt: 'x.y.z', buckets: [] }],
    [/^PUT .*\/scripts\/[^/]+$/, { id: 'worker', startup_time_ms: 1 }],
    [/^GET .*\/workers\/workers\/[^/]+$/, { subdomain: { enabled: true, previews_enabled: false } }],
    [/^GET .*\/workers\/subdomain$/, { subdomain: 'test' }],
    [/^POST .*\/subdomain$/, { enabled: true, previews_enabled: false }],
    [/^GET .*\/settings$/, {}],
  ];
  const server = createServer(async (request, response) => {
    let bytes = 0;
    for await (const chunk of request) bytes += (chunk as Buffer).length;
    const line = `${request.method} ${new URL(request.url!, 'http://local').pathname}`;
    sent.push({ line, bytes });
    const result = answers.find(([pattern]) => pattern.test(line))?.[1];
    const errors = result === undefined ? [{ code: 10007, message: 'This Worker does not exist.' }] : [];
    response.writeHead(result === undefined ? 404 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ success: result !== undefined, errors, messages: [], result }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const stop = async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  };
  const env = { CLOUDFLARE_API_TOKEN: 'token', CLOUDFLARE_API_BASE_URL: `http://127.0.0.1:${port}` };
  return { env, sent, stop };
}
