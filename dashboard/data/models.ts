import * as z from 'zod';
import { MODELS_FILE } from '../../bundle/models.ts';

/** The names of the models of a site, if it has several: the one that the API serves comes first. */
export async function listModels(site: string): Promise<string[]> {
  const response = await fetch(new URL(MODELS_FILE, site)).catch(() => undefined);
  if (!response?.ok) return [];
  const names = z.array(z.string()).safeParse(await response.json().catch(() => undefined));
  return names.data ?? [];
}
