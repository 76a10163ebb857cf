import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { SCRIPTS } from '../../../training/cli/completion-scripts.ts';
import { addDeferred } from '../../../training/cli/options.ts';
import { createProgram } from '../../../training/cli/program.ts';
import { ROOT } from '../../support/paths.ts';

const program = createProgram();
beforeAll(async () => {
  for (const command of program.commands) await addDeferred(command);
});

/** What bash proposes for the last of these words. */
function complete(...words: string[]): string[] {
  const ask = `${SCRIPTS.bash(program)}
    COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
    _offmanifold
    printf '%s\\n' "\${COMPREPLY[@]}"`;
  const text = execFileSync('bash', ['-c', ask, 'bash', 'offmanifold', ...words], { encoding: 'utf8' });
  return text.split('\n').filter((line) => line !== '');
}

describe('bash proposes', () => {
  test('commands', () => {
    expect(complete('s')).toEqual(['start', 'score', 'serve', 'studies']);
    expect(complete('')).toEqual(expect.arrayContaining(program.commands.map((command) => command.name())));
  });

  test('the options of a command, and those of all', () => {
    expect(complete('score', 'rows.csv', '--d')).toEqual(['--detectors']);
    expect(complete('train', '--learning')).toEqual(['--learning-rate']);
    expect(complete('compare', '--q')).toEqual(['--quiet']);
    for (const command of program.commands) {
      const flags = command.options.map(({ long }) => long);
      expect(complete(command.name(), '--')).toEqual(expect.arrayContaining(flags));
    }
  });

  test('the values of an option or an argument', () => {
    expect(complete('train', '--scaling', '')).toEqual(['auto', 'range', 'standard', 'robust', 'quantile']);
    expect(complete('completion', 'z')).toEqual(['zsh']);
    expect(complete('help', 'comp')).toEqual(['compare', 'completion']);
  });

  test('nothing where files may stand, so that bash proposes those', () => {
    expect(complete('score', 'a')).toEqual([]);
    expect(complete('score', 'rows.csv', '--out', '')).toEqual([]);
    expect(SCRIPTS.bash(program)).toMatch(/^complete -o default -F _offmanifold offmanifold$/m);
  });
});

test('every command and option is in the scripts of zsh and fish', () => {
  const [zsh, fish] = [SCRIPTS.zsh(program), SCRIPTS.fish(program)];
  for (const command of program.commands) {
    expect(zsh).toContain(`\n    ${command.name()})\n`);
    for (const { long } of command.options) {
      expect(zsh).toContain(`'${long}[`);
      expect(fish).toContain(`'__fish_seen_subcommand_from ${command.name()}' -l ${long!.slice(2)}`);
    }
  }
});

test('bash reads its script', () => {
  expect(spawnSync('bash', ['-n'], { input: SCRIPTS.bash(program) }).status).toBe(0);
});

test('the command prints the script', () => {
  const args = [join(ROOT, 'bin/offmanifold.js'), 'completion', 'bash'];
  expect(execFileSync(process.execPath, args, { encoding: 'utf8' })).toBe(SCRIPTS.bash(program));
});
