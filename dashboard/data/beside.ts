import { type Dataset, toDataset } from './dataset.ts';
import { ModelClient } from './model-client.ts';
import { chooseKey, rowNumbers, type Scored, type SharedRows } from './shared-rows.ts';

/** A model and what is shown of it. */
export interface Shown {
  readonly name: string;
  readonly model: ModelClient;
  readonly dataset: Dataset;
}

/** Opens a model beside the one that the page shows. Rejects with one sentence if it cannot be read. */
export async function openBeside(name: string, base: string): Promise<Shown> {
  const model = new ModelClient();
  try {
    const loaded = await model.open(base, () => {});
    await model.check();
    if ('table' in loaded) throw new Error(`${name} is a map without a model.`);
    return { name, model, dataset: toDataset(loaded, (sheet) => model.sheet(sheet)) };
  } catch (error) {
    model.close();
    throw error;
  }
}

/** The rows that the maps of two models both have, and how their scores differ. Rejects with one sentence if it cannot be known. */
export async function findShared(first: Shown, second: Shown, significance: number): Promise<SharedRows> {
  const ids = chooseKey(first.dataset.manifest, second.dataset.manifest);
  if (!ids) {
    throw new Error(
      `${first.name} and ${second.name} were not made from the same data, and keep no ids that tell which rows both have.`,
    );
  }
  const [a, b] = await Promise.all([describe(first, ids), describe(second, ids)]);
  return first.model.compare(a, b, significance);
}

async function describe({ model, dataset }: Shown, ids: readonly string[]): Promise<Scored> {
  const { points, manifest } = dataset;
  const columns = await Promise.all(ids.map((name) => model.column(name)));
  const texts = () => Array.from(points.id, (_, i) => JSON.stringify(columns.map((column) => column[i])));
  return {
    keys: ids.length > 0 ? texts() : rowNumbers(points, manifest.data.name),
    score: points.score,
    pValue: points.pValue,
  };
}
