import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findNearestName } from '../../../bundle/misspelling.ts';
import { Autoencoder } from '../../../training/autoencoder/autoencoder.ts';
import { type DataShape, PRESETS } from '../../../training/config/presets.ts';
import { resolveConfiguration } from '../../../training/config/resolve.ts';
import {
  type Configuration,
  ConfigurationError,
  OPTIONS,
  parseConfiguration,
  readConfiguration,
} from '../../../training/config/schema.ts';

const images: DataShape = { shape: [28, 28, 1], count: 54_000, scaling: 'range' };
const table: DataShape = { shape: [30], count: 5000, scaling: 'standard' };
const columns: DataShape = { ...table, scaling: 'columns' };

describe('presets', () => {
  test('MNIST without a preset is 784-512-128-64-128-512-784', () => {
    const { preset, blueprint } = resolveConfiguration({}, images);
    expect(preset).toBe('small');
    expect(blueprint).toMatchObject({ kind: 'dense', widths: [784, 512, 128, 64, 128, 512, 784], code: 64 });
  });

  test('a table without a preset has a code narrower than its columns, and a linear output', () => {
    const { preset, blueprint, training } = resolveConfiguration({}, table);
    expect(preset).toBe('tabular');
    expect(blueprint.code).toBeLessThan(30);
    expect(blueprint.output).toBe('linear');
    expect(training.loss).toBe('mean_squared_error');
  });

  test('a variational model without a loss gets a likelihood that suits the data', () => {
    const lossOf = (of: DataShape) => resolveConfiguration({ variational: true }, of).training.loss;
    expect([lossOf(table), lossOf(images)]).toEqual(['gaussian_nll', 'binary_cross_entropy']);
  });

  const shapes: [string, DataShape][] = [
    ['28 × 28', images],
    ['RGB of odd size', { ...images, shape: [37, 21, 3] }],
    ['tiny images', { ...images, shape: [4, 4, 1] }],
    ['a table', table],
    ['two columns', { ...table, shape: [2], count: 300 }],
    ['a wide table', { ...table, shape: [5000], count: 300 }],
  ];
  for (const [name, of] of shapes) {
    for (const preset of Object.keys(PRESETS) as (keyof typeof PRESETS)[]) {
      if ((preset === 'image' || preset === 'strokes') && of.shape.length !== 3) continue;
      test(`${preset} fits ${name}`, () => {
        const { blueprint, training } = resolveConfiguration({ preset, batch: 64 }, of);
        const { architecture } = new Autoencoder(blueprint);
        expect(architecture.code).toBeLessThan(of.shape.reduce((a, b) => a * b, 1));
        expect(architecture.parameters).toBeGreaterThan(0);
        expect(training.batch).toBe(64);
      });
    }
  }

  test('a wide convolutional network gets micro-batches, unless a term needs whole batches', () => {
    const wide: Configuration = {
      architecture: 'convolutional',
      channels: [32, 64, 128],
      strides: [1, 1, 1],
    };
    expect(resolveConfiguration(wide, images).training.micro_batch).toBe(64);
    expect(resolveConfiguration({ ...wide, trim: 0.1 }, images).training.micro_batch).toBe(256);
    expect(resolveConfiguration({}, images).training.micro_batch).toBe(256);
  });

  test('a single column is accepted with a constraint', () => {
    for (const given of [{ corruption: 'gaussian' }, { corruption: 'masking' }, { dropout: 0.1 }] as const) {
      expect(resolveConfiguration(given, { ...table, shape: [1] }).blueprint.code).toBe(1);
    }
  });

  test('the default batch is a share of the data, and never larger than it', () => {
    const batch = (data: DataShape, count: number, preset?: Configuration['preset']) =>
      resolveConfiguration({ preset }, { ...data, count }).training.batch;
    expect([12, 40, 600, 2000, 54_000].map((count) => batch(images, count))).toEqual([12, 16, 32, 128, 256]);
    expect(batch(images, 600, 'image')).toBe(32);
    expect([12, 600, 2000, 54_000].map((count) => batch(table, count))).toEqual([12, 16, 64, 256]);
  });

  test('a given option overrides the preset', () => {
    const { blueprint } = resolveConfiguration(
      { preset: 'image', code: 7, channels: [5], strides: [2] },
      images,
    );
    expect(blueprint).toMatchObject({ code: 7, channels: [5], strides: [2] });
  });
});

describe('options that do not fit together are refused', () => {
  const refused: [Configuration, DataShape, RegExp][] = [
    [
      { code: 784 },
      images,
      /^code is 784, but the network takes 784 numbers per sample: .* choose a smaller code/,
    ],
    [
      {},
      { ...table, shape: [1] },
      /^only one column with one number is left, .* give at least two numbers, or train with a constraint/,
    ],
    [{ batch: 6000 }, table, /^batch is 6000, there are 5000 training samples/],
    [{}, { ...table, count: 1 }, /there is 1 training sample: at least 2 are needed/],
    [{ loss: 'binary_cross_entropy' }, table, /needs values from 0 to 1: use --scaling range/],
    [
      { loss: 'binary_cross_entropy' },
      columns,
      /^loss binary_cross_entropy is not for tables: choose mean_squared_error/,
    ],
    [{ loss: 'mixed' }, columns, /^loss mixed is not for tables/],
    [
      { loss: 'mean_squared_error', output: 'sigmoid' },
      columns,
      /^output sigmoid is not for tables, .*: use output linear$/,
    ],
    [{ loss: 'huber', variational: true }, columns, /needs a likelihood: loss gaussian_nll, not huber$/],
    [{ corruption: 'salt_and_pepper' }, columns, /largest: it is not for tables$/],
    [{ corruption: 'salt_and_pepper' }, table, /largest: it needs --scaling range$/],
    [{ loss: 'mixed' }, table, /loss mixed needs columns/],
    [{ loss: 'mixed', columns: ['number'] }, table, /the columns take 1 features, but a sample has 30/],
    [
      { architecture: 'convolutional' },
      table,
      /^architecture convolutional needs samples of height × width × channels, not 30: .* --shape$/,
    ],
    [
      { preset: 'image' },
      columns,
      /^the preset image needs samples of height × width × channels, but the data is a table$/,
    ],
    [{ preset: 'strokes' }, columns, /^the preset strokes needs .*, but the data is a table$/],
    [
      { architecture: 'convolutional', channels: [4, 8], strides: [2] },
      images,
      /there are 2 channels and 1 strides: give one stride for each/,
    ],
    [{ architecture: 'convolutional', kernel: 4 }, images, /kernel is 4: it must be odd/],
    [{ tied: true, variational: true }, images, /tied weights do not work with a variational code/],
    [{ tied: true, loss: 'gaussian_nll' }, table, /tied weights do not work with loss gaussian_nll/],
    [{ variational: true, loss: 'huber' }, images, /a variational model needs a likelihood/],
    [{ sparsity: 'kl', code_activation: 'linear' }, images, /sparsity kl needs code_activation sigmoid/],
    [{ trim: 0.1, micro_batch: 16 }, images, /trim need whole batches: micro_batch must equal batch/],
    [{ normalisation: 'batch', micro_batch: 16 }, images, /^normalisation batch, .* need whole batches/],
    [{ micro_batch: 999 }, images, /micro_batch is 999, batch is 256/],
    [
      { corruption: 'masking', corruption_level: 2 },
      images,
      /corruption_level is 2: for masking it is a share/,
    ],
    [{ output: 'linear', loss: 'binary_cross_entropy' }, images, /needs output sigmoid, not linear/],
  ];
  for (const [given, of, message] of refused) {
    test(JSON.stringify(given), () => {
      const resolve = () => resolveConfiguration(given, of);
      expect(resolve).toThrow(message);
      expect(resolve).toThrow(ConfigurationError);
    });
  }

  test('an option without effect is refused', () => {
    const refused: [Configuration, string][] = [
      [{ channels: [8] }, 'channels is given, which has no effect without architecture convolutional'],
      [{ preset: 'image', tied: true }, 'tied is given, which has no effect without architecture dense'],
      [{ beta: 2 }, 'beta is given, which has no effect without variational'],
      [
        { corruption_level: 0.5 },
        'corruption_level is given, which has no effect without corruption gaussian or',
      ],
      [
        { optimiser: 'sgd', beta1: 0.5 },
        'beta1 is given, which has no effect without optimiser adam or adamw',
      ],
    ];
    for (const [given, message] of refused) {
      expect(() => resolveConfiguration(given, images)).toThrow(message);
    }
    // Writing out the defaults is no mistake.
    const { training } = resolveConfiguration({}, images);
    expect(resolveConfiguration(training, images).training).toEqual(training);
  });

  test('a code as wide as the input is allowed with a constraint', () => {
    for (const constraint of [
      { sparsity: 'l1' },
      { corruption: 'gaussian' },
      { contraction: 0.1 },
    ] as const) {
      expect(resolveConfiguration({ code: 900, ...constraint }, images).blueprint.code).toBe(900);
    }
  });
});

describe('a configuration as people write it', () => {
  test('an unknown key is refused, and the nearest known one suggested', () => {
    expect(() => parseConfiguration({ learning_rat: 1 }, 'my.json')).toThrow(
      'my.json: there is no option learning_rat; did you mean learning_rate?',
    );
    expect(findNearestName('epoch', Object.keys(OPTIONS)).name).toBe('epochs');
  });

  test('all faults are named at once', () => {
    expect(() => parseConfiguration({ epoch: 1, batch: 0, widths: [1, 'a', 'b'] }, 'my.json')).toThrow(
      new ConfigurationError(
        [
          'my.json: widths: expected a list, each a whole number from 1 to 1000000000, got [1,"a","b"]',
          'my.json: batch: expected a whole number from 1 to 65536, got 0',
          'my.json: there is no option epoch; did you mean epochs?',
        ].join('\n'),
      ),
    );
  });

  test('a wrong value is refused, naming its key', () => {
    const wrong: [unknown, string][] = [
      [{ epochs: 0 }, 'epochs: expected a whole number from 1 to 1000000000, got 0'],
      [{ epochs: 'ten' }, 'epochs: expected a whole number from 1 to 1000000000, got "ten"'],
      [{ batch: 1e9 }, 'batch: expected a whole number from 1 to 65536, got 1000000000'],
      [{ seed: 2 ** 60 }, `seed: expected a whole number from 0 to 4294967295, got ${2 ** 60}`],
      [{ epochs: 2 ** 60 }, `epochs: expected a whole number from 1 to 1000000000, got ${2 ** 60}`],
      [{ dropout: null }, 'dropout: expected a number of at least 0 and below 1, got null'],
      [{ tied: 'yes' }, 'tied: expected true or false, got "yes"'],
      [{ label: 3 }, 'label: expected a text, got 3'],
      [{ label: '' }, 'label: expected a text, but it is empty'],
      [{ decimal: ';' }, 'decimal: expected "." or ",", got ";"'],
      [{ schedule: 1 }, 'schedule: expected one of constant, step, cosine, one_cycle, plateau, got 1'],
      [
        { widths: [64, 'a'] },
        'widths: expected a list, each a whole number from 1 to 1000000000, got [64,"a"]',
      ],
      [{ exclude: 'a,b' }, 'exclude: expected a list of texts, such as ["a", "b"], got "a,b"'],
      [{ range: [0] }, 'range: expected two numbers, such as [0, 255], got [0]'],
      [
        { types: { zip: 'text' } },
        'types: expected number, flag, category or date for each column, such as {"zip": "category"}, got {"zip":"text"}',
      ],
      [{ columns: [3] }, 'columns: expected a list of "number", "flag" and {"categories": n}, got [3]'],
      [[], 'expected an object of options, got []'],
    ];
    for (const [given, message] of wrong) {
      expect(() => parseConfiguration(given, 'my.json'), message).toThrow(
        new ConfigurationError(`my.json: ${message}`),
      );
    }
  });

  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'offmanifold-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  test('is read from JSON and from TypeScript', async () => {
    const json = join(folder, 'a.json');
    await writeFile(json, '{"epochs": 3, "widths": [10, 5]}');
    expect(await readConfiguration(json)).toEqual({ epochs: 3, widths: [10, 5] });
    const module = join(folder, 'a.mjs');
    await writeFile(module, 'export default { epochs: 2 ** 3 };');
    expect(await readConfiguration(module)).toEqual({ epochs: 8 });
  });

  test('is read with its version, and refused if that is another one', async () => {
    const path = join(folder, 'versioned.json');
    await writeFile(path, '{"version": 1, "epochs": 3}');
    expect(await readConfiguration(path)).toEqual({ epochs: 3 });
    await writeFile(path, '{"version": 2, "epochs": 3, "unheard_of": true}');
    await expect(readConfiguration(path)).rejects.toThrow(
      `${path}: version: expected 1, got 2; if a newer offmanifold wrote the file, update this one`,
    );
  });

  test('is refused if a module has no default export, or cannot be loaded', async () => {
    const attempt = async (name: string, text: string) => {
      await writeFile(join(folder, name), text);
      return readConfiguration(join(folder, name));
    };
    for (const [i, text] of ['export const epochs = 3;', 'const options = { epochs: 3 };', ''].entries()) {
      await expect(attempt(`none-${i}.ts`, text)).rejects.toThrow(
        `${join(folder, `none-${i}.ts`)} exports no options: write export default { … }`,
      );
    }
    await expect(attempt('thrown.mjs', '\nthrow new Error("no");')).rejects.toThrow(
      `${join(folder, 'thrown.mjs')}, line 2, cannot be loaded: no`,
    );
  });

  test('is refused by its path if it is missing or not JSON', async () => {
    const path = join(folder, 'none.json');
    await expect(readConfiguration(path)).rejects.toThrow(
      `${path} cannot be read: there is no such file or folder`,
    );
    const broken = join(folder, 'broken.json');
    await writeFile(broken, '{"epochs": ');
    await expect(readConfiguration(broken)).rejects.toThrow(`${broken} is not JSON`);
  });
});
