import { Autoencoder } from '../autoencoder/autoencoder.ts';
import { buildReconstructionGraph, type Trained } from '../autoencoder/export.ts';
import { resolveConfiguration } from '../config/resolve.ts';
import type { Configuration } from '../config/schema.ts';
import { Scorer } from '../scorer/scorer.ts';
import type { Material, ReportProgress } from './study.ts';

/** An autoencoder trained by a study, and its scorer, which the study releases. */
interface StudyAutoencoder extends Trained {
  scorer: Scorer;
}

/** Trains autoencoders that cost about the same on the studies' training images. `report` gets the name of one at a time. */
export async function trainStudyAutoencoders(
  { source, images, seed, threads, crew }: Material,
  configurations: readonly { readonly what: string; readonly configuration: Configuration }[],
  report: ReportProgress,
): Promise<StudyAutoencoder[]> {
  const { shape, scaling, validation } = source;
  const jobs = configurations.map(({ what, configuration }) => {
    const { blueprint, training } = resolveConfiguration(
      { seed, ...configuration },
      { shape, count: images.count, scaling: scaling.kind },
    );
    return { what, cost: 1, input: { blueprint, training, images, shape, validation, scaling } };
  });
  const found = await crew.runAll('autoencoder', jobs, report);
  return await Promise.all(
    jobs.map(async ({ input: { blueprint, training } }, i) => {
      const trained = { model: new Autoencoder(blueprint), weights: found[i], training, scaling };
      return { ...trained, scorer: await Scorer.load(buildReconstructionGraph(trained), { threads }) };
    }),
  );
}
