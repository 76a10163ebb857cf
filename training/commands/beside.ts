import { basename, resolve } from 'node:path';
import { describeModelInput } from '../../bundle/comparison.ts';
import { UserError } from '../../bundle/error.ts';
import { type Bundle, isMap } from '../../bundle/files.ts';
import { MODEL_NAME } from '../../bundle/models.ts';
import { openAnyFolder } from '../../bundle/node/folder.ts';

/** The models that the dashboard shows beside the first one. */
export interface Beside {
  readonly bundles: readonly Bundle[];
  /** What the dashboard calls all models, the first one first; none if there is only one. */
  readonly names: readonly string[];
}

/**
 * Opens the models that the dashboard shows beside the first one. Throws a {@link UserError} if they cannot be shown
 * together: a model twice, two of one name, a map without a model, models for different data.
 */
export async function openBeside(first: string, others: readonly string[]): Promise<Beside> {
  if (others.length === 0) return { bundles: [], names: [] };
  const folders = [first, ...others];
  const twice = folders.find((folder, i) =>
    folders.slice(0, i).some((other) => resolve(other) === resolve(folder)),
  );
  if (twice !== undefined) throw new UserError(`--model names ${twice} twice: name each model once`);
  const bundles: Bundle[] = [];
  for (const folder of folders) {
    const bundle = await openAnyFolder(folder);
    if (isMap(bundle)) {
      throw new UserError(`${folder} is a map without a model: it is served alone, not beside a model`);
    }
    const [takes, other] = [bundles[0] ?? bundle, bundle].map((one) => describeModelInput(one.manifest.data));
    if (takes !== other) {
      throw new UserError(
        `${first} and ${folder} cannot be shown together: the first takes ${takes}, the second ${other}`,
      );
    }
    bundles.push(bundle);
  }
  return { bundles: bundles.slice(1), names: nameModels(folders, bundles) };
}

/** The models' names or, where two have the same, as a copy of a folder has, the names of their folders. */
function nameModels(folders: readonly string[], bundles: readonly Bundle[]): string[] {
  const names = bundles.map(({ manifest }) => manifest.name);
  if (new Set(names).size === names.length) return names;
  const shown = folders.map((folder) => basename(resolve(folder)));
  const unusable = shown.findIndex((name, i) => shown.indexOf(name) < i || !MODEL_NAME.test(name));
  if (unusable < 0) return shown;
  throw new UserError(
    `${folders.join(' and ')} hold models of the same name: give their folders different names, of letters, digits, _, . and -`,
  );
}
