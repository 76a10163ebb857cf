import { mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { builtPrograms } from './server.ts';
import { serveStatic } from './static.ts';

/** The built dashboard on a static host, without the API. */
export interface Site {
  readonly url: string;
  stop(): Promise<void>;
}

/** Serves the dashboard with the bundle of a folder, below `prefix`. */
export async function serveDashboard(bundle: string, prefix = '/'): Promise<Site> {
  const dist = join(await builtPrograms(), 'dist');
  const site = await mkdtemp(join(tmpdir(), 'offmanifold-site-'));
  for (const name of await readdir(dist)) await symlink(join(dist, name), join(site, name));
  await symlink(bundle, join(site, 'bundle'));
  const host = await serveStatic(site, prefix);
  const stop = () => host.stop().then(() => rm(site, { recursive: true }));
  return { url: host.url, stop };
}

/** Waits until the dashboard has read its bundle and shows a view. */
export async function ready(page: Page): Promise<void> {
  await page.locator('main section:visible').first().waitFor();
}

/** Loads the dashboard anew, with a view and what the address says of it. */
export async function openView(page: Page, { url }: Pick<Site, 'url'>, hash: string): Promise<void> {
  await page.goto('about:blank');
  await page.goto(new URL(hash, url).href);
  await ready(page);
}

/** Goes to a view on a page that shows the dashboard already, as by a link in it; loads it where it does not. */
export async function visitView(page: Page, site: Pick<Site, 'url'>, hash: string): Promise<void> {
  if (!page.url().startsWith(site.url)) return openView(page, site, hash);
  await page.evaluate(`new Promise((done) => {
    const hash = ${JSON.stringify(hash)};
    if (location.hash === hash) return done();
    addEventListener('hashchange', () => setTimeout(done), { once: true });
    location.hash = hash;
  })`);
  await ready(page);
}

/** Draws a seven on the pad with the mouse. */
export async function drawSeven(page: Page): Promise<void> {
  const pad = page.getByRole('img', { name: /^Pad/ });
  await pad.scrollIntoViewIfNeeded();
  const box = (await pad.boundingBox())!;
  const at = ([x, y]: readonly [number, number]) => [box.x + x * box.width, box.y + y * box.height] as const;
  const corners = [
    [0.28, 0.24],
    [0.72, 0.22],
    [0.46, 0.8],
  ] as const;
  await page.mouse.move(...at(corners[0]));
  await page.mouse.down();
  for (const corner of corners.slice(1)) await page.mouse.move(...at(corner), { steps: 12 });
  await page.mouse.up();
}
