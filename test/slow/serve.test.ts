import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { groupMembers } from '../../bundle/node/process.ts';
import { TEST_BUNDLE } from '../support/paths.ts';
import { copyProject, freePort } from '../support/server.ts';
import { TABLE_BUNDLE } from '../support/table-bundle.ts';

let project: string;
let port: number;
beforeAll(async () => {
  project = await copyProject();
  port = await freePort();
  // Stands for the program that opens a browser.
  await mkdir(join(project, 'programs'));
  for (const name of ['xdg-open', 'open']) {
    await writeFile(join(project, 'programs', name), '#!/bin/sh\necho "$1" > opened\n');
    await chmod(join(project, 'programs', name), 0o755);
  }
});
afterAll(async () => {
  for (const group of groups)
    for (const pid of (await groupMembers(group)).keys()) process.kill(pid, 'SIGKILL');
  await rm(project, { recursive: true, force: true });
});

interface Started {
  readonly child: ChildProcess;
  readonly output: string;
  /** The process group of wrangler. */
  readonly group: number;
}

/** The process groups that were started, which end with the test, whatever comes. */
const groups: number[] = [];

/** Starts a program that serves a model, and waits until it answers. */
async function start(program: string, args: readonly string[], model: string): Promise<Started> {
  const child = spawn(program, [...args, '--model', model, '--port', String(port), '--open'], {
    cwd: project,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, PATH: [join(project, 'programs'), process.env.PATH].join(delimiter) },
  });
  let output = '';
  await new Promise<void>((done, fail) => {
    child.stderr.on('data', (data) => {
      output += data;
      if (output.includes('Ctrl-C stops')) done();
    });
    child.on('close', (code) => fail(new Error(`it ended with ${code}:\n${output}`)));
  });
  const group = Number(await readFile(join(project, '.wrangler/worker'), 'utf8'));
  groups.push(group);
  expect([...(await groupMembers(group)).values()].map(({ name }) => name)).toContain('workerd');
  return { child, output, group };
}

/** Waits until all of a process group have ended. */
async function untilGone(group: number): Promise<void> {
  while ((await groupMembers(group)).size > 0) await sleep(50);
}

const served = async () => (await fetch(`http://127.0.0.1:${port}/bundle/manifest.json`)).json();
const manifestOf = async (model: string) => JSON.parse(await readFile(join(model, 'manifest.json'), 'utf8'));

const NPM_START = ['start', '--silent', '--'];

test('npm start opens the dashboard, and the server ends when npm is told to end', async () => {
  const { child, output, group } = await start('npm', NPM_START, TEST_BUNDLE);
  expect(output).toContain('building the dashboard\n');
  expect(output).toContain('npx offmanifold serve --production');
  const opened = () => readFile(join(project, 'opened'), 'utf8').catch(() => '');
  await expect.poll(opened).toBe(`http://127.0.0.1:${port}\n`);
  expect(await served()).toEqual(await manifestOf(TEST_BUNDLE));
  child.kill('SIGTERM');
  await untilGone(group);
  // The lock is given back, and the group forgotten.
  const left = async () =>
    (await readdir(join(project, '.wrangler'))).filter((name) => /serving|worker/.test(name));
  while ((await left()).length > 0) await sleep(50);
});

test('the next start builds nothing, and serves the model that it is told to; if npm is killed, all of it ends', async () => {
  const { child, output, group } = await start('npm', NPM_START, TABLE_BUNDLE);
  expect(output).not.toContain('building');
  expect(await served()).toEqual(await manifestOf(TABLE_BUNDLE));
  child.kill('SIGKILL');
  await untilGone(group);
});

test('if it is killed itself, all that it started ends; the next one starts', async () => {
  const args = ['bin/offmanifold.js', 'serve'];
  const { child, group } = await start(process.execPath, args, TABLE_BUNDLE);
  child.kill('SIGKILL');
  await untilGone(group);
  const next = await start(process.execPath, args, TEST_BUNDLE);
  expect(await served()).toEqual(await manifestOf(TEST_BUNDLE));
  next.child.kill('SIGTERM');
  expect(await once(next.child, 'close')).toEqual([0, null]);
  expect((await groupMembers(next.group)).size).toBe(0);
});
