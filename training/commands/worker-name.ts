import { createHash } from 'node:crypto';

/** The longest name that can be a part of an address. */
const LONGEST = 63;

/** Whether a Worker can have this name: it is a part of its address. */
export const isWorkerName = (name: string): boolean =>
  name.length <= LONGEST && /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(name);

/**
 * The name of the Worker for a model, such as `offmanifold-pumps`, or `offmanifold-pumps-staging` in an environment of
 * wrangler.toml: so models do not replace each other, nor another Worker of the account. A longer name is cut, and a
 * digest of the whole tells it from others.
 */
export function workerName(model: string, environment = ''): string {
  const name = ['offmanifold', model, environment]
    .flatMap((part) => part.toLowerCase().match(/[a-z0-9]+/g) ?? [])
    .join('-');
  if (name.length <= LONGEST) return name;
  const digest = createHash('sha256').update(name).digest('hex').slice(0, 8);
  return `${name.slice(0, LONGEST - 9).replace(/-$/, '')}-${digest}`;
}
