import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import packageJson from '../package.json' with { type: 'json' };
import { type Installed, installPackage, measureFolder } from '../test/support/package.ts';
import { freePort } from '../test/support/server.ts';
import type { Bench, Log } from './harness.ts';

const QUALITY = {
  tarball_mb: { atMost: 5 },
  installed_mb: { atMost: 600 },
  publint_findings: { atMost: 0 },
  types_findings: { atMost: 0 },
};

/** The npm package, installed in an empty folder as a user has it. */
export const bench: Bench = {
  title: 'the npm package in an empty folder',
  targets: { ...QUALITY, first_score_s: { atMost: 60 }, version_s: { atMost: 0.2 } },
  async run(log) {
    await using project = await install(log);
    const quality = await measureQuality(project);
    return {
      ...quality,
      version_s: await timeVersion(project),
      first_score_s: await timeFirstScore(project, log),
    };
  },
  quick: {
    targets: QUALITY,
    async run(log) {
      await using project = await install(log);
      return await measureQuality(project);
    },
  },
};

function install(log: Log): Promise<Installed> {
  log('packing and installing');
  return installPackage();
}

async function measureQuality({ folder, tarball }: Installed): Promise<Record<string, number>> {
  const modules = join(folder, 'node_modules');
  const program = join(modules, 'offmanifold');
  const own = await measureFolder(program);
  const { messages } = await publint({ pkgDir: program, pack: false, strict: true });
  const analysis = await checkPackage(createPackageFromTarballData(await readFile(tarball)));
  // The package is for import alone: require() and resolution without an exports map are not promised.
  const problems = (analysis.types ? analysis.problems : []).filter(
    (problem) => !('resolutionKind' in problem && /^node10$|-cjs$/.test(problem.resolutionKind)),
  );
  return {
    tarball_mb: (await stat(tarball)).size / 1e6,
    package_mb: own.mb,
    package_files: own.files,
    installed_mb: (await measureFolder(modules)).mb,
    onnxruntime_mb: (await measureFolder(join(modules, 'onnxruntime-node'))).mb,
    duckdb_mb: (await measureFolder(join(modules, '@duckdb'))).mb,
    publint_findings: messages.length,
    types_findings: analysis.types ? problems.length : 1,
  };
}

/** The median time of `offmanifold --version`, once its compiled code is cached. */
async function timeVersion({ run }: Installed): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < 11; i++) {
    const began = performance.now();
    await run('node', 'node_modules/offmanifold/bin/offmanifold.js', '--version');
    times.push((performance.now() - began) / 1000);
  }
  return times.sort((a, b) => a - b)[5]!;
}

/** Seconds from `train` on the README's table to an answered score, with wrangler installed. */
async function timeFirstScore({ run, add, serve }: Installed, log: Log): Promise<number> {
  await add(`wrangler@${packageJson.devDependencies.wrangler}`);
  await run('node', 'node_modules/offmanifold/docs/examples/pumps.mjs');
  await run('npx', 'offmanifold', 'init', 'pumps.csv');
  const port = await freePort();
  const began = performance.now();
  log('training');
  await run('npx', 'offmanifold', 'train', 'pumps.csv', '--config', 'pumps.config.json');
  log('serving');
  await using _ = await serve(port);
  const response = await fetch(`http://127.0.0.1:${port}/api/v1/score`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      instances: [
        {
          site: 'hill',
          boost: false,
          load: 0.65,
          pressure: 4,
          temperature: 47,
          vibration: 1.18,
          time: '2026-04-02',
        },
      ],
    }),
  });
  if (!response.ok) throw new Error(`score was answered with ${response.status}: ${await response.text()}`);
  return (performance.now() - began) / 1000;
}
