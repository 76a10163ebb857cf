import { launchBrowser } from '../test/support/browser.ts';
import { countViolations, DIGIT_VIEWS, TABLE_VIEWS } from './dashboard/accessibility.ts';
import { measureDrop } from './dashboard/drop.ts';
import { measureInteraction } from './dashboard/interaction.ts';
import { measureLighthouse } from './dashboard/lighthouse.ts';
import { measureLoading } from './dashboard/loading.ts';
import { measureMillion } from './dashboard/million.ts';
import { serveDigits, serveTable } from './dashboard/site.ts';
import type { Bench } from './harness.ts';

/**
 * The dashboard in a real browser, which draws in software, served on this machine: how fast it loads and follows the
 * hand, and what axe-core and Lighthouse find.
 */
export const bench: Bench = {
  title: 'The dashboard',
  targets: {
    lighthouse_performance_map: { atLeast: 95 },
    lighthouse_performance_report: { atLeast: 95 },
    lighthouse_accessibility_map: { atLeast: 100 },
    lighthouse_accessibility_report: { atLeast: 100 },
    lighthouse_best_practices_map: { atLeast: 100 },
    lighthouse_best_practices_report: { atLeast: 100 },
    axe_violations: { atMost: 0 },
    js_before_paint_gz_kb: { atMost: 90 },
    map_drawn_s: { atMost: 1 },
    map_drawn_slow_s: { atMost: 6 },
    pan_fps: { atLeast: 50 },
    hover_ms: { atMost: 50 },
    pan_fps_1m: { atLeast: 50 },
    hover_ms_1m: { atMost: 50 },
    longest_task_ms_1m: { atMost: 50 },
    drop_10k_s: { atMost: 3 },
    stroke_to_score_ms: { atMost: 30 },
    heap_growth: { atMost: 0.1 },
  },
  async run(log) {
    const digits = await serveDigits();
    const browser = await launchBrowser();
    try {
      const figures = {
        ...(await measureLoading(browser, digits)),
        ...(await measureInteraction(browser, digits)),
        ...(await measureMillion(browser)),
        ...(await measureDrop(browser)),
        ...(await measureLighthouse(digits, log)),
      };
      const onDigits = await countViolations(browser, digits, DIGIT_VIEWS, log);
      const table = await serveTable();
      try {
        return {
          ...figures,
          axe_violations: onDigits + (await countViolations(browser, table, TABLE_VIEWS, log)),
        };
      } finally {
        await table.stop();
      }
    } finally {
      await browser.close();
      await digits.stop();
    }
  },
  quick: {
    targets: { axe_violations: { atMost: 0 } },
    async run(log) {
      const table = await serveTable();
      const browser = await launchBrowser();
      try {
        return {
          axe_violations: await countViolations(browser, table, ['#map/0', '#report', '#row'], log, [390]),
        };
      } finally {
        await browser.close();
        await table.stop();
      }
    },
  },
};
