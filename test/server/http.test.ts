import { once } from 'node:events';
import { Agent, get } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { Hono } from 'hono';
import { expect, test } from 'vitest';
import { close, listen } from '../../server/http.ts';

/** A day: no test waits for it. */
const LONG = 86_400_000;

test('closes once the requests under way are answered, though their connections could be used again', async () => {
  const begun = Promise.withResolvers<void>();
  const answered = Promise.withResolvers<string>();
  const app = new Hono().get('/', async (c) => {
    begun.resolve();
    return c.text(await answered.promise);
  });
  const server = await listen(app, '127.0.0.1', 0);
  const { port } = server.address() as AddressInfo;
  const agent = new Agent({ keepAlive: true });
  const request = get({ port, host: '127.0.0.1', agent });
  await begun.promise;
  const closed = close(server, LONG);
  expect(server.listening).toBe(false);
  answered.resolve('done');
  const [response] = await once(request, 'response');
  expect(await response.setEncoding('utf8').toArray()).toEqual(['done']);
  await closed;
  agent.destroy();
});

test('closes though a request is never answered', async () => {
  const begun = Promise.withResolvers<void>();
  const app = new Hono().get('/', () => {
    begun.resolve();
    return new Promise<Response>(() => {});
  });
  const server = await listen(app, '127.0.0.1', 0);
  const { port } = server.address() as AddressInfo;
  const failed = expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow();
  await begun.promise;
  await close(server, 100);
  await failed;
});

/** What the server says to these bytes until it closes the connection. */
async function send(text: string, limits?: Parameters<typeof listen>[3]): Promise<string> {
  const app = new Hono().get('/health', (c) => c.text('fine'));
  const server = await listen(app, '127.0.0.1', 0, limits);
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.write(text);
  const said = await socket.setEncoding('utf8').toArray();
  await close(server);
  return said.join('');
}

test('a client of HTTP/1.0 need not name the host', async () => {
  const said = await send('GET /health HTTP/1.0\r\n\r\n');
  expect(said).toMatch(/^HTTP\/1\.1 200 .*fine$/s);
});

test('a client that does not finish its headers gets 408', async () => {
  const soon = {
    headersTimeout: 50,
    requestTimeout: 50,
    connectionsCheckingInterval: 10,
    keepAliveTimeout: 50,
  };
  expect(await send('GET /health HTTP/1.1\r\nHost: x\r\n', soon)).toMatch(/^HTTP\/1\.1 408 /);
});

test('a port that is taken is a sentence', async () => {
  const server = await listen(new Hono(), '127.0.0.1', 0);
  const { port } = server.address() as AddressInfo;
  await expect(listen(new Hono(), '127.0.0.1', port)).rejects.toThrow(
    `port ${port} on 127.0.0.1 is taken: choose another with --port`,
  );
  await close(server);
});
