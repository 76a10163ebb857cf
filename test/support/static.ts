import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';

const TYPES: Record<string, string> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
};

/** Serves a folder of files below `prefix` on a free port of 127.0.0.1, as any static host would, with these
 * headers. */
export async function serveStatic(
  folder: string,
  prefix: string,
  headers: Record<string, string> = {},
): Promise<{ url: string; stop(): Promise<void> }> {
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://local');
    const name = pathname.startsWith(prefix) ? normalize(pathname.slice(prefix.length)) : '..';
    const file = join(folder, name.endsWith('/') || name === '.' ? join(name, 'index.html') : name);
    const bytes =
      request.method === 'GET' && !name.startsWith('..') ? await readFile(file).catch(() => null) : null;
    response.writeHead(bytes ? 200 : 404, {
      ...headers,
      'content-type': TYPES[extname(file)] ?? 'application/octet-stream',
    });
    response.end(bytes);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const stop = async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  };
  return { url: `http://127.0.0.1:${port}${prefix}`, stop };
}
