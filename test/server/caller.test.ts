import type { AddressInfo } from 'node:net';
import { Hono } from 'hono';
import { expect, test } from 'vitest';
import { addressReader, limitCalls } from '../../server/caller.ts';
import { close, listen } from '../../server/http.ts';

async function addressSeen(host: string, header: string | undefined, headers: Record<string, string>) {
  const app = new Hono().get('/', (c) => c.text(addressReader(header)(c)));
  const server = await listen(app, host, 0);
  try {
    const { port } = server.address() as AddressInfo;
    return await (await fetch(`http://127.0.0.1:${port}/`, { headers })).text();
  } finally {
    await close(server);
  }
}

test('a caller is the address of the connection, whatever its headers say', async () => {
  const forged = { 'CF-Connecting-IP': '192.0.2.1', 'X-Forwarded-For': '192.0.2.2' };
  expect(await addressSeen('127.0.0.1', undefined, forged)).toBe('127.0.0.1');
});

test('a caller behind a proxy is the last address of the header that the proxy sets', async () => {
  const sent = { 'X-Forwarded-For': '192.0.2.66, 2001:db8::1' };
  expect(await addressSeen('127.0.0.1', 'X-Forwarded-For', sent)).toBe('2001:db8::1');
  expect(await addressSeen('127.0.0.1', 'X-Forwarded-For', {})).toBe('127.0.0.1');
});

test.each([
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['192.0.2.1:4711', '192.0.2.1'],
  ['::ffff:192.0.2.1:4711', '192.0.2.1'],
  ['[::ffff:192.0.2.1]:4711', '192.0.2.1'],
  ['[::FFFF:192.0.2.1]', '192.0.2.1'],
  ['[2001:db8::1]:4711', '2001:db8::1'],
  ['[2001:db8::1]', '2001:db8::1'],
  ['2001:db8::1', '2001:db8::1'],
])('the caller at %s is %s', async (sent, address) => {
  expect(await addressSeen('127.0.0.1', 'X-Forwarded-For', { 'X-Forwarded-For': sent })).toBe(address);
});

test('each caller has so many calls in a minute', async () => {
  let now = 1_000_000;
  const { allow, retrySeconds } = limitCalls(2, 60, () => now);
  const answers = async (...callers: string[]) => Promise.all(callers.map(allow));
  expect(await answers('a', 'a', 'b', 'a', 'b')).toEqual([true, true, true, false, true]);
  // 1,000 s are 16 minutes and 40 seconds.
  expect(retrySeconds()).toBe(20);
  now += 60_000;
  expect(await answers('a', 'a', 'a')).toEqual([true, true, false]);
});
