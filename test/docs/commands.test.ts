import { describe, expect, test } from 'vitest';
import { addDeferred } from '../../training/cli/options.ts';
import { createProgram } from '../../training/cli/program.ts';
import { PAGES } from './pages.ts';

/** The command lines of this program in a page: up to a comment, a pipe or the end of the code. */
const commandsIn = (text: string): string[] =>
  [...text.matchAll(/(?:\bnpx |`)offmanifold ([a-z][^`\n#|<>]*)/g)].map(([, line]) => line!.trim());

const pages = [...PAGES].filter(([, text]) => commandsIn(text).length > 0);

test('commands are found', () => {
  expect(
    commandsIn('npx offmanifold train a.csv --seed 7  # why\n`offmanifold score - --quiet | head`'),
  ).toEqual(['train a.csv --seed 7', 'score - --quiet']);
  expect(pages.map(([page]) => page)).toEqual(expect.arrayContaining(['README.md', 'docs/training.md']));
});

describe.each(pages)('%s', (_, text) => {
  test('shows commands and options that exist', async () => {
    const program = createProgram();
    for (const line of commandsIn(text)) {
      // What follows -- is for another program.
      const [name, ...words] = line.split(/\s+--(?:\s|$)/)[0]!.split(/\s+/);
      const command = program.commands.find((known) => known.name() === name);
      expect(command, line).toBeDefined();
      await addDeferred(command!);
      const known = [...command!.options, ...program.options].map(({ long }) => long);
      const options = words.filter((word) => word.startsWith('--'));
      expect([...known, '--help'], line).toEqual(expect.arrayContaining(options));
    }
  });
});
