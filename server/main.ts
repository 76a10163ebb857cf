import './node-version.ts';
import { UserError } from '../bundle/error.ts';
import { readOptions, USAGE, UsageError } from './options.ts';
import { serve } from './serve.ts';

/** Runs the server until it is told to stop. Returns the exit code. */
async function run(args: readonly string[]): Promise<number> {
  try {
    const options = readOptions(args, process.env);
    if (options) await serve(options, process.env);
    else process.stdout.write(USAGE);
    return 0;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    console.error(`offmanifold: ${error.message}`);
    return error instanceof UsageError ? 2 : 1;
  }
}

process.exit(await run(process.argv.slice(2)));
