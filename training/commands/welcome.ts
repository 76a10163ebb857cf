import { join, relative } from 'node:path';
import { kindOf, tableColumns } from '../../bundle/kind.ts';
import type { Manifest } from '../../bundle/manifest.ts';
import { toRecord, typicalRow } from '../../bundle/record.ts';
import { isMnist } from '../data/readers/mnist.ts';
import { PROGRAM } from './paths.ts';

const STOPPING = `  This is the development server; for production: npx offmanifold serve --production
  Ctrl-C stops.`;

/** What the development server says once it answers. `asksForKey`: its API has keys. */
export const welcome = (url: string, data: Manifest['data'], asksForKey: boolean): string => `
  dashboard  ${url}
  API        ${url}/api/v1/score   (documentation: ${url}/docs/)
${asksForKey ? "  Calls need an API key, see .dev.vars: add -H 'authorization: Bearer KEY'\n" : ''}${scoreExample(url, data)}
${STOPPING}`;

/** The same for a map without a model. */
export const welcomeToMap = (url: string): string => `
  dashboard  ${url}

${STOPPING}`;

/** A longer example, for a table with many columns, is nothing to copy from a terminal. */
const LONGEST_EXAMPLE = 2000;

/** How to ask for a score, as lines to copy: a digit for MNIST, a typical record for a table; empty for other data. */
export function scoreExample(url: string, data: Manifest['data']): string {
  let lines = '';
  if (isMnist(data)) {
    const digit = relative(process.cwd(), join(PROGRAM, 'docs/digit.png'));
    lines = `
  Score a digit:
  curl -s '${url}/api/v1/score?map=true' -H 'content-type: image/png' --data-binary @${digit}
`;
  } else if (kindOf(data) === 'table') {
    const columns = tableColumns(data);
    const body = JSON.stringify({ instances: [toRecord(columns, typicalRow(columns))] });
    lines = `
  Score a record:
  curl -s '${url}/api/v1/score?explain=3' -H 'content-type: application/json' -d '${body.replaceAll("'", "'\\''")}'
`;
  }
  return lines.length > LONGEST_EXAMPLE ? '' : lines;
}
