import { type Command, InvalidArgumentError, Option } from 'commander';
import * as z from 'zod';
import { losses } from '../autoencoder/losses.ts';
import { DEFAULTS } from '../pipeline.ts';

/** A commander parser that checks with a schema and says what is accepted. */
const checked =
  <T>(schema: z.ZodType<T>, accepted: string) =>
  (text: string): T => {
    const parsed = schema.safeParse(text.trim() === '' ? Number.NaN : Number(text));
    if (!parsed.success) throw new InvalidArgumentError(`Expected ${accepted}.`);
    return parsed.data;
  };

export const integer = (least: number, most = Number.MAX_SAFE_INTEGER) =>
  checked(
    z.int().min(least).max(most),
    most === Number.MAX_SAFE_INTEGER
      ? `a whole number from ${least}`
      : `a whole number from ${least} to ${most}`,
  );

export const positive = () => checked(z.number().positive(), 'a number above 0');

const perplexity = () => checked(z.number().min(1), 'a number from 1, at most a third of the points');

/** The options of every command that computes. */
export const withThreads = (command: Command) =>
  command.option('--threads <n>', 'threads to compute with (default: one a core)', integer(1, 256));

/** The options of every command that makes a map. */
export const withMap = (command: Command) =>
  command
    .option(
      '--perplexity <x>',
      't-SNE: how many neighbours a point attends to',
      perplexity(),
      DEFAULTS.map.perplexity,
    )
    .option('--iterations <n>', 't-SNE: steps of the optimiser', integer(250), DEFAULTS.map.iterations);

/** The options of every command that trains. */
export const withTraining = (command: Command) =>
  withMap(withThreads(command))
    .option('--seed <n>', 'the same seed gives the same bytes', integer(0, 0xffffffff), DEFAULTS.seed)
    .option('--epochs <n>', 'passes over the training images', integer(1, 10_000), DEFAULTS.epochs)
    .option('--batch <n>', 'images in a step', integer(1, 8192), DEFAULTS.batch)
    .option(
      '--learning-rate <x>',
      'peak of the schedule (warm-up, then cosine)',
      positive(),
      DEFAULTS.learningRate,
    )
    .addOption(
      new Option('--loss <name>', 'what training makes small')
        .choices(Object.keys(losses))
        .default(DEFAULTS.loss),
    )
    .option('--limit <n>', 'train on at most so many images, for a quick try', integer(1))
    .option('--map-points <n>', 'test images on the map', integer(100, 10_000), DEFAULTS.mapPoints);

/** The option that says which bundle a command reads. */
export const withModel = (command: Command) =>
  command.addOption(
    new Option('--model <folder>', 'the bundle').default(DEFAULTS.out).env('OFFMANIFOLD_MODEL'),
  );

/** The options of every command that serves. */
export const withServer = (command: Command) =>
  command.option('--port <n>', 'port on 127.0.0.1', integer(1, 65_535), 8787);
