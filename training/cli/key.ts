import { createHash, randomBytes } from 'node:crypto';
import { type Command, Option } from 'commander';
import { addExamples } from './options.ts';

/** Bytes of a key: too many to guess. */
const LENGTH = 32;

export function addKey(program: Command): void {
  const command = program
    .command('key')
    .summary('generate a key for a deployed API')
    .description(
      'Generate a random API key. Give the key to the caller; add its hash, in the line below it, to the secret API_KEYS of the deployment (npx wrangler secret put API_KEYS --name WORKER). With the hashes of several keys there, separated by spaces, you can replace one after the other. Keys protect the API only: to keep the dashboard and the bundle private, deploy with --api-only.',
    )
    .addOption(
      new Option(
        '--scope <scope>',
        'what the key may do: score samples, or everything (today, both open the same routes)',
      )
        .choices(['score', 'admin'])
        .default('score'),
    )
    .action(({ scope }: { scope: string }) => {
      const key = randomBytes(LENGTH).toString('base64url');
      const hash = createHash('sha256').update(key).digest('hex');
      process.stdout.write(`key:          ${key}\nfor API_KEYS: ${scope}:${hash}\n`);
    });
  addExamples(command, [['key'], ['key --scope admin']]);
}
