import packageJson from '../package.json' with { type: 'json' };

const args = process.argv.slice(2);
// Only this needs no command, so none is loaded.
if (args.length === 1 && (args[0] === '--version' || args[0] === '-V')) console.log(packageJson.version);
else await runProgram();

async function runProgram(): Promise<void> {
  const { report, reportOutput, run } = await import('./cli/program.ts');
  process.stdout.on('error', (error) => process.exit(reportOutput(error)));
  // What nobody reads is no reason to stop: a training run goes on without its progress.
  process.stderr.on('error', () => {});
  process.on('uncaughtException', (error) => process.exit(report(error)));
  process.exitCode = await run(args, (code) => process.exit(code));
}
