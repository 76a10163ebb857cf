import { launchBrowser } from '../../test/support/browser.ts';
import { freePort } from '../../test/support/server.ts';
import type { Log } from '../harness.ts';
import { passOn } from './pass-on.ts';
import type { Site } from './site.ts';

/** What we use of the package, which `npm ci --prefix bench/peers` installs. */
interface Lighthouse {
  default(
    url: string,
    flags: { port: number; output: 'json'; logLevel: 'error'; onlyCategories: string[] },
    config: object,
  ): Promise<{
    lhr: {
      runtimeError?: { code: string; message: string };
      categories: Record<string, { score: number | null; auditRefs: { id: string; weight: number }[] }>;
      audits: Record<string, { title: string; score: number | null; displayValue?: string }>;
    };
  }>;
  desktopConfig: object;
}

const PACKAGE = new URL('../peers/node_modules/lighthouse/core/index.js', import.meta.url).href;
const CATEGORIES = {
  performance: 'performance',
  accessibility: 'accessibility',
  'best-practices': 'best_practices',
};

/** Lighthouse's scores, 0 to 100, for the map and the report, by its preset for desktops; the worse of both. */
export async function measureLighthouse(site: Site, log: Log): Promise<Record<string, number>> {
  const lighthouse = (await import(PACKAGE).catch(() => undefined)) as Lighthouse | undefined;
  if (!lighthouse) {
    log('lighthouse: not measured: it is not installed: npm ci --prefix bench/peers');
    return {};
  }
  // Chromium 147 in @sparticuz/chromium gives up a page with this header while it is traced: net::ERR_ABORTED.
  const { url, stop } = await passOn(site.url, 'referrer-policy');
  const figures: Record<string, number> = {};
  for (const view of ['map', 'report']) {
    const port = await freePort();
    const browser = await launchBrowser([`--remote-debugging-port=${port}`]);
    try {
      const flags = {
        port,
        output: 'json',
        logLevel: 'error',
        onlyCategories: Object.keys(CATEGORIES),
      } as const;
      const { lhr } = await lighthouse.default(`${url}/#${view}`, flags, lighthouse.desktopConfig);
      if (lhr.runtimeError) {
        log(`lighthouse: ${view}: not measured: ${lhr.runtimeError.message}`);
        continue;
      }
      for (const [category, name] of Object.entries(CATEGORIES)) {
        const { score, auditRefs } = lhr.categories[category]!;
        const key = `lighthouse_${name}_${view}`;
        figures[key] = Math.round(100 * (score ?? Number.NaN));
        for (const { id } of auditRefs.filter(({ weight }) => weight > 0)) {
          const { title, score: own, displayValue } = lhr.audits[id]!;
          if (own !== null && own < 0.9) log(`lighthouse: ${view}: ${id}: ${title} ${displayValue ?? ''}`);
        }
      }
    } finally {
      await browser.close();
    }
  }
  await stop();
  return figures;
}
