import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { LockHolder } from '../../../bundle/node/lock.ts';

/** The contents of a lock file that another process left; the id of this one unless told otherwise. */
export const lockFile = (holder: Partial<LockHolder> = {}): string =>
  JSON.stringify({
    token: randomBytes(8).toString('hex'),
    host: hostname(),
    pid: process.pid,
    started: 'another time',
    since: '2026-01-02T03:04:05.678Z',
    ...holder,
  });
