import { vi } from 'vitest';
import { createProgram, report } from '../../training/cli/program.ts';

/**
 * Runs offmanifold in a folder to its end, in this process, which need not load the program anew: the exit code, and what is
 * printed to standard output and standard error.
 */
export async function runHere(
  folder: string,
  ...args: string[]
): Promise<{ code: number; out: string; error: string }> {
  const before = process.cwd();
  const said = { out: '', error: '' };
  const writer = (stream: keyof typeof said) => (text: unknown) => {
    said[stream] += text;
    return true;
  };
  const printer = (stream: keyof typeof said) => (text: unknown) => {
    said[stream] += `${text}\n`;
  };
  const spies = [
    vi.spyOn(process.stdout, 'write').mockImplementation(writer('out')),
    vi.spyOn(console, 'log').mockImplementation(printer('out')),
    vi.spyOn(process.stderr, 'write').mockImplementation(writer('error')),
    vi.spyOn(console, 'error').mockImplementation(printer('error')),
  ];
  process.chdir(folder);
  try {
    const code = await createProgram()
      .parseAsync(args, { from: 'user' })
      .then(() => 0, report);
    return { code, ...said };
  } finally {
    process.chdir(before);
    for (const spy of spies) spy.mockRestore();
  }
}
