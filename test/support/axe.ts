import axe from 'axe-core';
import type { Page } from 'playwright-core';

/** A rule that the page breaks: its name, and the elements that break it. */
export interface Violation {
  rule: string;
  elements: string[];
}

/** What axe-core finds on the page as it is shown, by WCAG 2.2 A and AA and its best practices. */
export async function findViolations(page: Page): Promise<Violation[]> {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate<{ violations: axe.Result[] }>(
    'axe.run(document, { resultTypes: ["violations"] })',
  );
  return violations.map(({ id, nodes }) => ({
    rule: id,
    elements: nodes.map(({ target, failureSummary }) => `${target.join(' ')}: ${failureSummary ?? ''}`),
  }));
}
