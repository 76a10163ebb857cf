import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { findDifferences } from '../../bundle/difference.ts';
import { UserError } from '../../bundle/error.ts';
import { writeFileAtomicSync } from '../../bundle/node/atomic.ts';
import { reason } from '../../bundle/system-error.ts';

/** A checkpoint that a run cannot resume from. The message names it and says why. */
export class CheckpointError extends UserError {
  override readonly name = 'CheckpointError';
}

/** The progress of a training run: all of its state that is not an array. */
export const ProgressSchema = z.strictObject({
  /** From 1; `done` counts the samples done in it. */
  epoch: z.int().positive(),
  done: z.int().nonnegative(),
  /** Optimiser steps over all epochs. */
  steps: z.int().nonnegative(),
  /** Sum of the losses of the samples done in this epoch. */
  sum: z.number(),
  /** The loss of the first step, with which an exploding loss is compared. */
  first: z.number().nullable(),
  trainLoss: z.array(z.number()),
  validationLoss: z.array(z.number()),
  learningRate: z.array(z.number()),
  /** From 1; 0 until the first epoch is done. */
  bestEpoch: z.int().nonnegative(),
  /** The state of a schedule that follows the validation loss. */
  plateau: z.strictObject({ best: z.number().nullable(), bad: z.int(), factor: z.number() }).nullable(),
});

export type RunProgress = z.infer<typeof ProgressSchema>;

/** The whole state of a training run: with the same data and configuration it resumes to the same bytes. */
export interface Checkpoint {
  /** Identifies the run, as JSON: two runs are the same if these are equal. */
  identity: Record<string, unknown>;
  progress: RunProgress;
  /** Parameters, averages, optimiser state, best weights. */
  arrays: ReadonlyMap<string, Float32Array>;
}

const MAGIC = 'offmanifold-checkpoint-1\n';
const HeaderSchema = z.strictObject({
  identity: z.record(z.string(), z.unknown()),
  progress: ProgressSchema,
  arrays: z.array(z.strictObject({ name: z.string(), length: z.int().nonnegative() })),
});

/**
 * Writes a checkpoint atomically. The file: magic, SHA-256 of what follows, length of the header (u32,
 * little-endian), header (JSON), float32 arrays. Throws a WriteError if it cannot be written; an older checkpoint
 * then stays unchanged.
 */
export function writeCheckpoint(path: string, { identity, progress, arrays }: Checkpoint): void {
  const header = Buffer.from(
    JSON.stringify({
      identity,
      progress,
      arrays: [...arrays].map(([name, { length }]) => ({ name, length })),
    }),
  );
  const length = Buffer.alloc(4);
  length.writeUInt32LE(header.length);
  const parts = [length, header, ...[...arrays.values()].map(bytesOf)];
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  writeFileAtomicSync(path, [Buffer.from(MAGIC), hash.digest(), ...parts]);
}

/** Reads a checkpoint; undefined if there is none. Throws a {@link CheckpointError} if it is damaged. */
export function readCheckpoint(path: string): Checkpoint | undefined {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new CheckpointError(`${path} cannot be read: ${reason(error)}`);
  }
  const start = MAGIC.length + 32;
  const damaged = (why: string) =>
    new CheckpointError(`${path} ${why}: delete it and train from the beginning`);
  if (bytes.subarray(0, MAGIC.length).toString('latin1') !== MAGIC) {
    throw damaged('is not a checkpoint that this version reads');
  }
  const digest = createHash('sha256').update(bytes.subarray(start)).digest();
  if (bytes.length < start + 4 || !digest.equals(bytes.subarray(MAGIC.length, start))) {
    throw damaged('is damaged (its SHA-256 differs)');
  }
  const headerLength = bytes.readUInt32LE(start);
  const header = HeaderSchema.safeParse(
    JSON.parse(bytes.subarray(start + 4, start + 4 + headerLength).toString()),
  );
  if (!header.success) throw damaged('was written by a different version');
  let offset = start + 4 + headerLength;
  const arrays = new Map<string, Float32Array>();
  for (const { name, length } of header.data.arrays) {
    const copy = new Uint8Array(4 * length);
    copy.set(bytes.subarray(offset, offset + 4 * length));
    arrays.set(name, new Float32Array(copy.buffer));
    offset += 4 * length;
  }
  return { identity: header.data.identity, progress: header.data.progress, arrays };
}

/** Describes how two identities differ, as in "training.epochs was 3 and is 4"; empty if they do not. */
export function describeDifferences(before: Record<string, unknown>, now: Record<string, unknown>): string[] {
  const text = (value: unknown) => (value === undefined ? 'not given' : JSON.stringify(value));
  return findDifferences(before, now).map(
    (at) => `${at.path} was ${text(at.before)} and is ${text(at.after)}`,
  );
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array) =>
  Buffer.from(buffer, byteOffset, byteLength);
