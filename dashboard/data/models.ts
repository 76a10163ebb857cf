import * as z from 'zod';
import { BundleError } from '../../bundle/error.ts';
import { decodeJson, httpSource } from '../../bundle/files.ts';
import { MODELS_FILE } from '../../bundle/models.ts';

/** The names of the models of a site, if it has several: the one that the API serves comes first. Throws a {@link BundleError}. */
export async function listModels(site: string): Promise<string[]> {
  const names = z
    .array(z.string())
    .safeParse(decodeJson(await httpSource(site)(MODELS_FILE), MODELS_FILE)).data;
  if (!names) throw new BundleError(`${MODELS_FILE} is damaged: it is not a list of names`);
  return names;
}
