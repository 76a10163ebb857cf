import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { UserError } from '../../../bundle/error.ts';
import { addDeferred } from '../../../training/cli/options.ts';
import { createProgram, report } from '../../../training/cli/program.ts';
import { ROOT } from '../../support/paths.ts';

const BIN = join(ROOT, 'bin/offmanifold.js');

/** Prints every module that Node resolves. */
const TRACE =
  "data:text/javascript,import{registerHooks}from'node:module';registerHooks({resolve(s,c,n){const r=n(s,c);console.error(r.url);return r}})";

/** Runs a command line, and returns what it prints and the modules that it loads. */
function trace(...args: string[]) {
  const { stdout, stderr, status } = spawnSync(process.execPath, ['--import', TRACE, BIN, ...args], {
    encoding: 'utf8',
  });
  return { status, text: stdout, modules: stderr.split('\n').filter((line) => /^(file|node):/.test(line)) };
}

/** Packages that take long to load. */
const HEAVY = /node_modules\/(onnxruntime-node|@duckdb|sharp|hyparquet|ml-matrix|onnx-proto|hono)/;

test('key prints a key and its hash, another one each time', () => {
  const keys = [1, 2].map(() => {
    const { text } = trace('key', '--scope', 'admin');
    const [, key, hash] = /^key: +([\w-]{43})\nfor API_KEYS: admin:([0-9a-f]{64})\n$/.exec(text)!;
    expect(createHash('sha256').update(key).digest('hex')).toBe(hash);
    return key;
  });
  expect(new Set(keys).size).toBe(2);
});

describe('a command loads only what it needs', () => {
  test('--version loads no command', () => {
    const { text, modules } = trace('--version');
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    expect(text).toBe(`${version}\n`);
    expect(modules.filter((url) => url.includes('commander') || url.includes('/training/cli/'))).toEqual([]);
  });

  test('--help loads commander and no other package', () => {
    const { text, modules } = trace('--help');
    expect(text).toContain('Usage: offmanifold');
    expect(modules.filter((url) => url.includes('node_modules') && !url.includes('commander'))).toEqual([]);
    expect(
      modules.filter((url) =>
        /training\/(commands|config|data\/(?!(readers|output)\/formats|datasets\/error))/.test(url),
      ),
    ).toEqual([]);
  });

  test('train --help loads Zod, for its options, but nothing that computes', () => {
    const { text, modules } = trace('train', '--help');
    expect(text).toContain('--learning-rate <x>');
    expect(modules.some((url) => url.includes('node_modules/zod'))).toBe(true);
    expect(modules.filter((url) => HEAVY.test(url) || url.includes('/training/commands/'))).toEqual([]);
  });
});

test('a Node that does not run TypeScript is told how one that does is called', () => {
  const { status, stderr } = spawnSync(process.execPath, ['--no-strip-types', BIN, '--version'], {
    encoding: 'utf8',
  });
  expect(status).toBe(1);
  const [, clone, node, file] = /npx offmanifold inside (\S+), or (\S+) (\S+) elsewhere\n$/.exec(stderr)!;
  expect([join(clone!, '.'), file]).toEqual([join(ROOT, '.'), BIN]);
  expect(spawnSync(node!, [file!, '--version'], { cwd: '/', encoding: 'utf8' }).stdout).toMatch(/^\d/);
});

test('all values of options that cannot be used are named at once, of a list only the wrong parts', () => {
  const args = ['train', 'a.csv', '--epochs', 'x', '--loss', 'mse', '--types', 'a=nummer,b=number,c'];
  const { status, stderr } = spawnSync(process.execPath, [BIN, ...args], { encoding: 'utf8' });
  expect(status).toBe(2);
  expect(stderr).toMatch(
    /^offmanifold: --epochs: expected a whole number .*, got x\noffmanifold: --loss: expected one of .*, got mse\noffmanifold: --types: expected column=number, .*, got a=nummer and c \(npx/,
  );
});

test('all unknown options, and those that exclude each other, are named at once', () => {
  const usage = (...args: string[]) => spawnSync(process.execPath, [BIN, ...args], { encoding: 'utf8' });
  const { status, stderr } = usage(
    'train',
    '--dry-run',
    '--json',
    '--epoch=3',
    'a.csv',
    '--wat',
    '--',
    '--no',
  );
  expect(status).toBe(2);
  expect(stderr).toMatch(
    /^offmanifold: option '--json' cannot .*\noffmanifold: unknown option '--epoch': did you mean --epochs\?\noffmanifold: unknown option '--wat' \(npx/,
  );
  expect(usage('map', 'a.npy', '--model', 'm', '--into', 'b.csv').stderr).toMatch(
    /^offmanifold: --model is for .*\noffmanifold: --into names .*\noffmanifold: where do the places of a\.npy go/,
  );
});

test('a value that cannot be used is called by the variable that has it', () => {
  const env = { ...process.env, OFFMANIFOLD_ENGINE: 'foo', OFFMANIFOLD_WEIGHTS: 'f8' };
  const { status, stderr } = spawnSync(process.execPath, [BIN, 'build', '--weights', 'f4'], {
    encoding: 'utf8',
    env,
  });
  expect(status).toBe(2);
  expect(stderr).toMatch(
    /^offmanifold: --weights: expected one of .*, got f4\noffmanifold: OFFMANIFOLD_ENGINE: expected one of .*, got foo \(npx/,
  );
});

describe('help', () => {
  test('start does not claim that every bundle is called mnist', async () => {
    const start = createProgram().commands.find((command) => command.name() === 'start')!;
    expect(start.helpInformation()).toMatch(/--model <folder> +the bundle \(default: models\/NAME, from/);
  });

  test('every command has a summary, a description in sentences, and examples that it accepts', async () => {
    const program = createProgram();
    expect(program.commands.map((command) => command.name())).toContain('completion');
    for (const command of program.commands) {
      await addDeferred(command);
      const chunks: string[] = [];
      command.configureOutput({ writeOut: (text) => chunks.push(text) });
      command.outputHelp();
      const help = chunks.join('');
      expect(command.summary(), command.name()).toMatch(/^[a-z].*[^.]$/);
      expect(command.description(), command.name()).toMatch(/^[A-Z].*\.$/);
      const examples = help.slice(help.indexOf('\nExamples:\n')).match(/npx offmanifold .*/g) ?? [];
      expect(examples.length, command.name()).toBeGreaterThan(0);
      for (const example of examples) {
        // What follows -- is for another program.
        const [, , name, ...words] = example.split(' -- ')[0]!.split(' ');
        const shown = program.commands.find((each) => each.name() === name)!;
        await addDeferred(shown);
        for (const flag of words.filter((word) => word.startsWith('--'))) {
          const known = [...shown.options, ...program.options].some(({ long }) => long === flag);
          expect(known, `${flag} in ${example}`).toBe(true);
        }
      }
    }
  });

  test('exit codes are documented', () => {
    const { status, text } = trace('--help');
    expect(status).toBe(0);
    expect(text).toMatch(/Exit codes:\n {2}0 .*\n {2}1 .*\n {2}2 .*\n {2}70 .*\n {2}130 /);
  });
});

describe('help', () => {
  test('for a command has all its options, however it is asked for', () => {
    const { status, text } = trace('help', 'train');
    expect(status).toBe(0);
    expect(text).toContain('--learning-rate <x>');
    expect(trace('train', '--help').text).toBe(text);
  });

  test.each([
    ['help', 'scor'],
    ['scor', '--help'],
  ])('for an unknown command says that there is none: %s %s', (...args) => {
    const { status, stderr } = spawnSync(process.execPath, [BIN, ...args], { encoding: 'utf8' });
    expect(status).toBe(2);
    expect(stderr).toBe(
      "offmanifold: unknown command 'scor': did you mean score? (npx offmanifold --help shows the commands)\n",
    );
  });
});

describe('wrong usage is one sentence, and exits with 2', () => {
  for (const [args, sentence] of [
    [
      ['train', '--epochs', '0'],
      'offmanifold: --epochs: expected a whole number from 1 to 1000000000, got 0 (npx offmanifold train --help shows what is accepted)\n',
    ],
    [
      ['train', '--preset', 'huge'],
      '--preset: expected one of small, image, strokes, tabular, large, got huge',
    ],
    [['train', '--learning-rate', 'fast'], '--learning-rate: expected a number above 0, got fast'],
    [['train', '--beta1', '1'], '--beta1: expected'],
    [['train', '--dropout', '1'], '--dropout: expected a number of at least 0 and below 1, got 1'],
    [['train', '--learning-rat', '1'], 'did you mean --learning-rate?'],
    [['train', '--label', ''], '--label: expected a text, but it is empty'],
    [['train', '--decimal', 'x'], '--decimal: expected "." or ",", got x'],
    [
      ['train', '--widths', '0'],
      '--widths: expected numbers with commas between them, each a whole number from 1 to 1000000000, got 0',
    ],
    [['train', '--epochs', '1e99'], '--epochs: expected a whole number from 1 to 1000000000, got 1e99'],
    [['train', '--range', '0'], '--range: expected two numbers with a comma between them, got 0'],
    [['serve', '--port', '0'], '--port 0, any free port, is for --production'],
    [['train', '--exclude', 'a,,b'], '--exclude: expected names with commas between them, got a,,b'],
    [['train', '--dry-run', '--json'], "option '--json' cannot be used with option '--dry-run'"],
    [['serve', '--port', '99999'], '--port: expected a whole number from 0 to 65535, got 99999'],
    [
      ['score', 'rows.csv', '--significance', '0'],
      '--significance: expected a number above 0 and below 1, got 0',
    ],
    [['score', 'rows.csv', '--json'], '--json needs --out FILE'],
    [['score', 'rows.csv', '--model', 'mnist', '--format', 'csv'], '--format is for standard input'],
    [['score'], "missing required argument 'file'"],
    [['train', 'a.csv', 'b.csv'], "unexpected 'b.csv': expected at most 1 argument"],
    [['serve', 'x'], "unexpected 'x': expected no arguments"],
    [['evaluate', 'rows.csv', '--cost', '1:2:3'], 'such as 1:20, got 1:2:3'],
    [['completion', 'tcsh'], 'shell: expected one of bash, zsh, fish, got tcsh'],
    [['trian'], "unknown command 'trian': did you mean train?"],
    [['map', 'rows.csv', '--out', 'rows.txt'], '--out: expected a .csv, .ndjson, .jsonl or .parquet file'],
    [['score', 'rows.csv', '--out', 'rows.txt'], '--out: expected a .csv, .ndjson, .jsonl or .parquet file'],
  ] as const) {
    test(args.join(' '), async () => {
      let error = '';
      const spy = vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
        error += text;
        return true;
      });
      try {
        const usage = createProgram().parseAsync(args, { from: 'user' });
        expect(await usage.catch(report)).toBe(2);
      } finally {
        spy.mockRestore();
      }
      expect(error).toMatch(/^offmanifold: /);
      expect(error).toContain(sentence);
      expect(error).toMatch(/^.*--help shows .*\)\n$/);
    });
  }
});

describe('an error', () => {
  const say = (error: unknown) => {
    const lines: unknown[] = [];
    const spy = vi.spyOn(console, 'error').mockImplementation((line) => void lines.push(line));
    const code = report(error);
    spy.mockRestore();
    return { code, lines };
  };

  test('of the user is a sentence', () => {
    expect(say(new UserError('rows.csv is empty'))).toEqual({
      code: 1,
      lines: ['offmanifold: rows.csv is empty'],
    });
  });

  test('of the program shows its stack, and asks to report it', () => {
    for (const bug of [new RangeError('k is 0'), new TypeError('no'), new Error('?')]) {
      const { code, lines } = say(bug);
      expect(code).toBe(70);
      expect(lines).toEqual([expect.stringMatching(/^offmanifold: this is a bug; please report it/), bug]);
    }
  });
});
