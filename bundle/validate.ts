import type * as z from 'zod';
import { BundleError } from './error.ts';

/** Checks the JSON of a bundle's file by its schema. Throws a {@link BundleError} that names the first invalid field. */
export function validateFile<T>(schema: z.ZodType<T>, json: unknown, file: string): T {
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  throw new BundleError(`${file} is damaged: ${issue.path.join('.') || 'top level'}: ${issue.message}`);
}
