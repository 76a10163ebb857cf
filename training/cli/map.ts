import { type Command, Option } from 'commander';
import { METRICS } from '../../bundle/map-metrics.ts';
import type { MapFlags } from '../commands/map.ts';
import type { MapFileFlags } from '../commands/map-file.ts';
import type { MapIntoFlags } from '../commands/map-into.ts';
import { enableCollector } from '../console/collector.ts';
import { isFolder, WRITTEN } from '../data/output/formats.ts';
import { dataName } from '../data/readers/formats.ts';
import { refuse } from './faults.ts';
import {
  addExamples,
  createIntegerParser,
  defer,
  modelOption,
  parseFactor,
  parseFreedom,
  parseNames,
  parseOutput,
  parseShare,
  threadsOption,
} from './options.ts';

/** How the map of a file is made. */
const OF_FILE_MAPS = ['exaggeration', 'lateExaggeration', 'tolerance'] as const;

/** What placing vectors on another map does not need. */
const OF_NEW_MAPS = [...OF_FILE_MAPS, 'affinities', 'frames'] as const;

/** The options that are for a file alone. */
const OF_FILES = [
  ...OF_FILE_MAPS,
  'out',
  'columns',
  'exclude',
  'metadata',
  'metric',
  'dims',
  'dof',
  'into',
  'of',
] as const;

/** An option as the command line has it. */
const flagOf = (name: string) => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

/** What is wrong with options that place the vectors of a file on a map of others. */
const explainPlaces = (
  file: string,
  flags: Partial<Record<(typeof OF_NEW_MAPS)[number] | 'out' | 'perplexity', unknown>>,
  iterations: boolean,
): (string | false)[] => [
  flags.out === undefined &&
    `where do the places of ${file} go? Name a file with --out, or - for standard output`,
  ...OF_NEW_MAPS.map(
    (name) => flags[name] !== undefined && `${flagOf(name)} is for a new map: leave it out with --into`,
  ),
  Array.isArray(flags.perplexity) && '--perplexity takes one number with --into',
  iterations &&
    '--iterations is for a new map: new points are placed until they rest, leave it out with --into',
];

export function addMap(program: Command): void {
  const command = program
    .command('map')
    .summary('make a t-SNE map: of vectors in a file, or of a bundle again')
    .description(
      'Make a t-SNE map of the vectors in a file, such as embeddings: writes the other columns of each row and its position as x and y, or x, y and z. With a file as --out, writes a table for other tools; with a folder, a bundle without a model for the dashboard. The vectors are a .npy file, a column of lists, or columns of numbers, which should have similar scales. With more than 50 numbers, their 50 leading principal components are used. Without a file, make the map of a bundle again with the settings that are given and otherwise its own, and write it to the bundle. This works for MNIST models, whose samples come with the program; for other data, train again.',
    )
    .argument('[file]', 'a .npy file, or a table (.csv, .tsv, .parquet, .json, .ndjson)')
    .option(
      '--out <path>',
      `where the map of a file goes: the folder of a bundle (default: models/NAME, from the file's name), ${WRITTEN}`,
      (path) => (isFolder(path) ? path : parseOutput(path)),
    )
    .option(
      '--columns <list>',
      'columns of the file to map (default: the column of lists, or all columns of numbers but ids)',
      parseNames,
    )
    .option('--exclude <list>', 'columns to leave out of the vectors and of the map', parseNames)
    .option('--metadata <table>', 'a table with a row for each vector, whose columns are copied to the map')
    .addOption(
      new Option(
        '--metric <name>',
        'how distances between vectors are measured (default: euclidean)',
      ).choices(METRICS),
    )
    .option('--into <map>', 'place the vectors on this map of others: a file that this command wrote')
    .option('--of <file>', 'with --into: the vectors that the map was made of, in its order')
    .addOption(
      new Option('--dims <n>', 'axes of the map: 2 or 3 (default: 2)').argParser(createIntegerParser(2, 3)),
    )
    .option(
      '--dof <n>',
      "degrees of freedom of the map's kernel: less than 1 shows finer clusters (default: 1)",
      parseFreedom,
    )
    .option(
      '--exaggeration <n>',
      'factor on the attraction in the first 250 iterations (default: 12)',
      parseFactor,
    )
    .option(
      '--late-exaggeration <n>',
      'the same after them: more than 1 makes clusters denser (default: 1)',
      parseFactor,
    )
    .option(
      '--tolerance <share>',
      "stop when no point moves by more than this share of the map's extent, such as 0.0001 (default: never)",
      parseShare,
    )
    .addOption(modelOption())
    .addOption(threadsOption())
    .action(
      async (
        file: string | undefined,
        {
          model,
          ...flags
        }: MapFlags & { iterations: number } & Partial<MapIntoFlags> &
          Pick<MapFileFlags, (typeof OF_NEW_MAPS)[number]> & { model: string },
      ) => {
        enableCollector();
        const isGiven = (name: string) => command.getOptionValueSource(name) === 'cli';
        if (file !== undefined) {
          const { out, metric, perplexity, into, of, ...rest } = flags;
          refuse(command, [
            isGiven('model') && '--model is for the map of a bundle: leave it out, or the file',
            (into === undefined) !== (of === undefined) &&
              '--into names a map, and --of the vectors that it was made of: give both, or neither',
            ...(into === undefined ? [] : explainPlaces(file, flags, isGiven('iterations'))),
          ]);
          const given = isGiven('perplexity') ? { perplexity } : {};
          const options = { ...rest, ...given, metric };
          if (into !== undefined && of !== undefined && out !== undefined) {
            const { mapInto } = await import('../commands/map-into.ts');
            return mapInto(file, { ...options, out, into, of });
          }
          const { mapFile } = await import('../commands/map-file.ts');
          // A dot would make it the name of a file.
          return mapFile(file, {
            ...options,
            metric: metric ?? 'euclidean',
            out: out ?? `models/${dataName(file).replaceAll('.', '_')}`,
          });
        }
        refuse(
          command,
          OF_FILES.map(
            (name) => flags[name] !== undefined && `${flagOf(name)} is for the map of a file: name the file`,
          ),
        );
        const { rebuildMap } = await import('../commands/map.ts');
        const { perplexity, iterations, ...others } = flags;
        await rebuildMap(model, {
          ...others,
          perplexity: isGiven('perplexity') ? perplexity : undefined,
          iterations: isGiven('iterations') ? iterations : undefined,
        });
      },
    );
  addExamples(command, [
    ['map embeddings.npy', 'writes models/embeddings; look at it: serve --model models/embeddings'],
    ['map embeddings.npy --out map.parquet'],
    [
      'map embeddings.npy --metadata texts.csv',
      'the columns of texts.csv name, colour and filter the points',
    ],
    ['map articles.parquet --metric cosine --out map.csv', 'a column of lists; titles are copied to the map'],
    ['map embeddings.npy --dims 3 --out map.csv', 'a map in space'],
    ['map new.npy --into map.parquet --of embeddings.npy --out new.csv', 'new vectors on the same map'],
    ['map embeddings.npy --perplexity 10,100', 'neighbourhoods of two sizes'],
    ['map --perplexity 50', 'larger neighbourhoods on the map of models/mnist'],
  ]);
  defer(command, async () => (await import('./training-options.ts')).addMapOptions(command));
}
