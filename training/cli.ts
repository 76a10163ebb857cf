import packageJson from '../package.json' with { type: 'json' };

const args = process.argv.slice(2);
// Only this needs no command, so none is loaded.
if (args.length === 1 && (args[0] === '--version' || args[0] === '-V')) console.log(packageJson.version);
else await runProgram();

async function runProgram(): Promise<void> {
  const { report, run } = await import('./cli/program.ts');
  // The reader of standard output, such as `head`, may stop early: this is no error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
  process.on('uncaughtException', (error) => process.exit(report(error)));
  process.exitCode = await run(args, (code) => process.exit(code));
}
