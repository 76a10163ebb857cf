import * as z from 'zod';
import { ManifestSchema } from '../../bundle/manifest.ts';

const { data, architecture, training, scorer, headline, versions, run } = ManifestSchema.shape;

/** The description of the deployed model. */
export const ModelSchema = z
  .strictObject({
    model_id: z.string(),
    name: z.string(),
    created_at: run.shape.created_at,
    /** A deployment of the API alone leaves out how columns are scaled, with the categories, and the classes. */
    data: data.omit({ splits: true }).partial({ scaling: true, classes: true }),
    architecture,
    training,
    scorer: scorer.extend({ smallest_p_value: z.number() }),
    headline,
    versions,
  })
  .meta({ id: 'Model' });
