import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { scoreResponseSchema } from '../../bundle/score-response.ts';
import { ROOT } from '../support/paths.ts';
import { type ProductionServer, serveBundle } from '../support/production.ts';

let server: ProductionServer;
let readme: string;
let api: string;
beforeAll(async () => {
  readme = await readFile('README.md', 'utf8');
  api = /^## The API\n([\s\S]*?)^## /m.exec(readme)![1]!;
  server = await serveBundle();
});
afterAll(async () => {
  await server.stop();
});

/** A command or a program of the README, for the server of the test. */
const here = (text: string) => {
  expect(text).toContain('http://127.0.0.1:8787');
  return text.replaceAll('http://127.0.0.1:8787', server.url);
};

test("the README's requests to the model of MNIST are answered, with the verdicts that it gives", () => {
  const blocks = [...readme.matchAll(/^```sh\n([\s\S]*?)^```/gm)].map(([, block]) => block!);
  // A command that ends in a pipe goes on in the next line. The table's records are for another model.
  const requests = blocks
    .flatMap((block) => block.replace(/\|\n\s*/g, '| ').split('\n'))
    .filter((line) => line.includes('curl') && !line.includes('"instances"'));
  const verdicts = requests.map((line) => {
    const { results } = scoreResponseSchema().parse(
      JSON.parse(execFileSync('sh', ['-c', here(line)], { encoding: 'utf8' })),
    );
    return results.map(({ anomalous }) => anomalous);
  });
  expect(verdicts).toEqual([[false], [true], [true], [true]]);
});

test('its client prints what it says', () => {
  // The first client is for the model of pumps.
  const programs = [...api.matchAll(/^```js\n([\s\S]*?)^```/gm)].map(([, program]) => program!);
  const program = programs.find((text) => text.includes('docs/digit.png'))!;
  const [, printed] = /\/\/ (.*)\n$/.exec(program)!;
  const args = ['--input-type=module-typescript', '--eval', here(program)];
  expect(execFileSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8' })).toBe(`${printed}\n`);
});

test('its parameters are those of the API, with their defaults', async () => {
  const rows = [...api.matchAll(/^\| `(\w+)` +\|.*\| +(\S*?),?(?: or .*)? *\|$/gm)];
  const response = await fetch(`${server.url}/api/openapi.json`);
  const { paths } = (await response.json()) as {
    paths: Record<string, { post: { parameters: { name: string; schema: { default?: unknown } }[] } }>;
  };
  const { parameters } = paths['/api/v1/score']!.post;
  const written = rows.map(([, name, value]) => [name, value!.replaceAll('`', '')]);
  expect(Object.fromEntries(written)).toEqual(
    Object.fromEntries(parameters.map(({ name, schema }) => [name, String(schema.default ?? '')])),
  );
});

test('the addresses that it names are answered', async () => {
  const paths = [...api.matchAll(/`GET (\/[^`]*)`|<http:\/\/127\.0\.0\.1:8787(\/[^>]*)>/g)];
  const statuses = paths.map(async ([, route, page]) => (await fetch(server.url + (route ?? page))).status);
  expect(paths.length).toBe(4);
  expect(await Promise.all(statuses)).toEqual([200, 200, 200, 200]);
});

test('a blank image is not anomalous, and a request without one is a problem', async () => {
  const send = (body: Uint8Array<ArrayBuffer>) =>
    fetch(`${server.url}/api/v1/score`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/octet-stream' },
      body,
    });
  const { results } = scoreResponseSchema().parse(await (await send(new Uint8Array(784))).json());
  expect(results.map(({ anomalous }) => anomalous)).toEqual([false]);
  const refused = await send(new Uint8Array(65 * 784));
  expect(refused.headers.get('Content-Type')).toBe('application/problem+json');
});
