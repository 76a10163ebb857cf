import { expect, test } from 'vitest';
import { isLocal, urlOf } from '../../../training/commands/address.ts';

test.each([
  ['127.0.0.1', 'http://127.0.0.1:80', true],
  ['127.0.0.2', 'http://127.0.0.2:80', true],
  ['localhost', 'http://localhost:80', true],
  ['::1', 'http://[::1]:80', true],
  ['0.0.0.0', 'http://127.0.0.1:80', false],
  ['::', 'http://[::1]:80', false],
  ['192.0.2.7', 'http://192.0.2.7:80', false],
])('a server at %s is reached at %s', (host, url, local) => {
  expect(urlOf({ host, port: 80 })).toBe(url);
  expect(isLocal({ host, port: 80 })).toBe(local);
});
