import { resolve } from 'node:path';
import { describeModelInput } from '../../bundle/comparison.ts';
import { UserError } from '../../bundle/error.ts';
import { type Bundle, isMap } from '../../bundle/files.ts';
import { openAnyFolder } from '../../bundle/node/folder.ts';

/**
 * Opens the models that the dashboard shows beside the first one. Throws a {@link UserError} if they cannot be shown
 * together: a model twice, two of one name, a map without a model, models for different data.
 */
export async function openBeside(first: string, others: readonly string[]): Promise<Bundle[]> {
  if (others.length === 0) return [];
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
    const { manifest } = bundle;
    const namesake = bundles.findIndex((other) => other.manifest.name === manifest.name);
    if (namesake >= 0) {
      throw new UserError(
        `${folders[namesake]} and ${folder} are both called ${manifest.name}: train one of them with --out models/ANOTHER-NAME`,
      );
    }
    const [takes, other] = [bundles[0] ?? bundle, bundle].map((one) => describeModelInput(one.manifest.data));
    if (takes !== other) {
      throw new UserError(
        `${first} and ${folder} cannot be shown together: the first takes ${takes}, the second ${other}`,
      );
    }
    bundles.push(bundle);
  }
  return bundles.slice(1);
}
