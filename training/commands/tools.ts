import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import * as z from 'zod';
import { UserError } from '../../bundle/error.ts';
import packageJson from '../../package.json' with { type: 'json' };
import { INSTALLED, PROGRAM, PROJECT } from './paths.ts';

/** A program that this one runs has failed. The message says which, and the error that it printed. */
export class ToolError extends UserError {
  override readonly name = 'ToolError';
  /** All that it printed. */
  readonly output: string;

  constructor(message: string, output = '') {
    super(message);
    this.output = output;
  }
}

/** The environment for tools. Compiling its own program takes half of the time that wrangler needs to start. */
export const toolEnvironment = (): NodeJS.ProcessEnv =>
  INSTALLED
    ? // Where Node puts it by default.
      { NODE_COMPILE_CACHE: join(tmpdir(), 'node-compile-cache'), ...process.env }
    : {
        ...process.env,
        // The clone's own Node first, whatever the system's is.
        PATH: [join(PROGRAM, 'node_modules/.bin'), process.env.PATH].join(delimiter),
        NODE_COMPILE_CACHE: join(PROGRAM, 'node_modules/.cache/offmanifold/compiled'),
      };

const PackageSchema = z.object({ bin: z.record(z.string(), z.string()) });

/** The file of a module that is installed in the project, such as `wrangler`. Throws a {@link ToolError} if it is not there. */
export function resolveTool(specifier: string): string {
  try {
    return createRequire(join(PROJECT, 'package.json')).resolve(specifier);
  } catch {
    const [tool] = specifier.split('/');
    const how = INSTALLED
      ? `npm install --ignore-scripts --save-dev ${withVersion(tool!)}`
      : 'run npm ci first';
    throw new ToolError(`${tool} is not installed here: ${how}`);
  }
}

/** A package with its version, if only one will do. */
function withVersion(name: string): string {
  const version = new Map(Object.entries(packageJson.peerDependencies)).get(name) ?? '';
  return /^\d/.test(version) ? `${name}@${version}` : name;
}

/** The program of a tool, for Node to run. Throws a {@link ToolError} if it is not installed in the project. */
export function findTool(tool: string): string {
  const path = resolveTool(`${tool}/package.json`);
  return join(dirname(path), PackageSchema.parse(JSON.parse(readFileSync(path, 'utf8'))).bin[tool]!);
}

/** What a program printed to standard output and to standard error. */
export interface ToolOutput {
  readonly out: string;
  readonly warnings: string;
}

/** Runs a tool of the project until it ends. Throws a {@link ToolError} if it fails. */
export function runTool(
  tool: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<ToolOutput> {
  const file = findTool(tool);
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [file, ...args], {
      cwd: PROJECT,
      env: { ...toolEnvironment(), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const stop = () => child.kill();
    process.once('exit', stop);
    child.once('close', () => process.off('exit', stop));
    let out = '';
    let warnings = '';
    child.stdout.on('data', (data) => (out += data));
    child.stderr.on('data', (data) => (warnings += data));
    child.on('error', ({ message }) => reject(new ToolError(`${tool} could not be started: ${message}`)));
    child.on('close', (code) => {
      if (code === 0) resolve({ out: plain(out), warnings: plain(warnings) });
      else
        reject(
          new ToolError(
            `${tool} ${args[0]} failed:\n${tidyErrors(warnings) || tidyErrors(out)}`,
            out + warnings,
          ),
        );
    });
  });
}

const plain = (text: string): string => stripVTControlCharacters(text).trim();

/** What wrangler prints around an error, whoever made it: it is not its bug. */
const AROUND = /anonymous telemetry|If you think this is a bug|Logs were written to/;

/** The errors that a tool printed, without colours and without what it prints around them. */
export const tidyErrors = (text: string): string =>
  plain(text)
    .split('\n')
    .filter((line) => line.trim() !== '' && !AROUND.test(line))
    .join('\n');
