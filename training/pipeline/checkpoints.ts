import { resolve } from 'node:path';
import { CheckpointError, readCheckpoint, writeCheckpoint } from '../network/checkpoint.ts';
import type { EpochsOptions } from '../network/epochs.ts';

/** The file with the checkpoint of a training run, until its bundle is written. */
export const checkpointPath = (out: string): string => `${resolve(out)}.checkpoint`;

const CHECKPOINT_EVERY = 60;

export interface CheckpointOptions {
  /** The bundle's folder. */
  out: string;
  /** Continue from the checkpoint of an interrupted run: it must exist (true), or may exist ('if there'). */
  resume?: boolean | 'if there';
  /** Seconds between two checkpoints. */
  checkpointEvery?: number;
}

/**
 * How to save and resume a run. `identity` is what it trains on which data; only a checkpoint of the same run is
 * resumed.
 */
export function planCheckpoints(
  identity: Record<string, unknown>,
  { out, resume, checkpointEvery: every = CHECKPOINT_EVERY }: CheckpointOptions,
): NonNullable<EpochsOptions['checkpoints']> {
  const path = checkpointPath(out);
  // As it is read back from the file.
  const written = JSON.parse(JSON.stringify(identity)) as Record<string, unknown>;
  let found = resume ? readCheckpoint(path) : undefined;
  if (resume === true && !found) {
    throw new CheckpointError(
      `${out}.checkpoint: there is no checkpoint to resume from; leave out --resume to train from the beginning`,
    );
  }
  if (resume === 'if there' && found && JSON.stringify(found.identity) !== JSON.stringify(written)) {
    found = undefined;
  }
  return {
    identity: written,
    every,
    save: (checkpoint) => writeCheckpoint(path, checkpoint),
    resumeFrom: found,
  };
}
