import { type Command, Option } from 'commander';
import type { MapFlags } from '../commands/map.ts';
import type { MapFileFlags } from '../commands/map-file.ts';
import { enableCollector } from '../console/collector.ts';
import { WRITTEN } from '../data/output/formats.ts';
import {
  addExamples,
  createIntegerParser,
  defer,
  modelOption,
  parseFreedom,
  parseNames,
  threadsOption,
} from './options.ts';

/** The options that are for a file alone. */
const OF_FILES = ['out', 'columns', 'exclude', 'metric', 'dims', 'dof'] as const;

export function addMap(program: Command): void {
  const command = program
    .command('map')
    .summary('make a t-SNE map: of vectors in a file, or of a bundle again')
    .description(
      'Make a t-SNE map of the vectors in a file, such as embeddings: writes the other columns of each row and its position as x and y, or x, y and z. The vectors are a .npy file, a column of lists, or columns of numbers, which should have similar scales. With more than 50 numbers, their 50 leading principal components are used. Without a file, make the map of a bundle again with other settings, and write it to the bundle. This works for MNIST models, whose samples come with the program; for other data, train again.',
    )
    .argument('[file]', 'a .npy file, or a table (.csv, .tsv, .parquet, .json, .ndjson)')
    .option('--out <file>', `where the map of a file goes: ${WRITTEN}`)
    .option(
      '--columns <list>',
      'columns of the file to map (default: the column of lists, or all columns of numbers)',
      parseNames,
    )
    .option('--exclude <list>', 'columns to leave out, such as a number that is an id', parseNames)
    .addOption(
      new Option(
        '--metric <name>',
        'how distances between vectors are measured (default: euclidean)',
      ).choices(['euclidean', 'cosine']),
    )
    .addOption(
      new Option('--dims <n>', 'axes of the map: 2 or 3 (default: 2)').argParser(createIntegerParser(2, 3)),
    )
    .option(
      '--dof <n>',
      "degrees of freedom of the map's kernel: less than 1 shows finer clusters (default: 1)",
      parseFreedom,
    )
    .addOption(modelOption())
    .addOption(threadsOption())
    .action(
      async (
        file: string | undefined,
        { model, ...flags }: MapFlags & Partial<MapFileFlags> & { model: string },
      ) => {
        enableCollector();
        if (file !== undefined) {
          const { out, metric = 'euclidean', perplexity, ...rest } = flags;
          if (out === undefined) {
            return command.error(
              `error: where does the map of ${file} go? Name a file with --out, or - for standard output`,
            );
          }
          if (command.getOptionValueSource('model') === 'cli') {
            return command.error('error: --model is for the map of a bundle: leave it out, or the file');
          }
          const { mapFile } = await import('../commands/map-file.ts');
          const given = command.getOptionValueSource('perplexity') === 'cli' ? { perplexity } : {};
          return mapFile(file, { ...rest, ...given, out, metric });
        }
        const misplaced = OF_FILES.find((name) => flags[name] !== undefined);
        if (misplaced) return command.error(`error: --${misplaced} is for the map of a file: name the file`);
        const { rebuildMap } = await import('../commands/map.ts');
        await rebuildMap(model, flags);
      },
    );
  addExamples(command, [
    ['map embeddings.npy --out map.parquet'],
    ['map articles.parquet --metric cosine --out map.csv', 'a column of lists; titles are copied to the map'],
    ['map embeddings.npy --dims 3 --out map.csv', 'a map in space'],
    ['map --perplexity 50', 'larger neighbourhoods on the map of models/mnist'],
  ]);
  defer(command, async () => (await import('./training-options.ts')).addMapOptions(command));
}
