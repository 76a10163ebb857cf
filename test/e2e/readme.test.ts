import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ScoreResponseSchema } from '../../bundle/score-response.ts';
import { startServer } from '../support/server.ts';

let server: Awaited<ReturnType<typeof startServer>>;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

test("the README's requests to the model of MNIST are answered, with the verdicts that it gives", async () => {
  const readme = await readFile('README.md', 'utf8');
  const blocks = [...readme.matchAll(/^```sh\n([\s\S]*?)^```/gm)].map(([, block]) => block!);
  // A command that ends in a pipe goes on in the next line. The table's records are for another model.
  const requests = blocks
    .flatMap((block) => block.replace(/\|\n\s*/g, '| ').split('\n'))
    .filter((line) => line.includes('curl') && !line.includes('"instances"'));
  const verdicts = requests.map((line) => {
    const command = line.replace('http://127.0.0.1:8787', server.url);
    const { results } = ScoreResponseSchema.parse(
      JSON.parse(execFileSync('sh', ['-c', command], { encoding: 'utf8' })),
    );
    return results.map(({ anomalous }) => anomalous);
  });
  expect(verdicts).toEqual([[false], [true], [true], [true]]);
});
