import { Autoencoder } from '../autoencoder/autoencoder.ts';
import { buildReconstructionGraph, type Trained } from '../autoencoder/export.ts';
import { trainAutoencoder } from '../autoencoder/train.ts';
import { resolveConfiguration } from '../config/resolve.ts';
import type { Configuration } from '../config/schema.ts';
import { Scorer } from '../scorer/scorer.ts';
import type { Material } from './study.ts';

/** An autoencoder trained by a study, and its scorer, which the study releases. */
interface StudyAutoencoder extends Trained {
  scorer: Scorer;
}

/** Trains an autoencoder on the studies' training images. `onProgress` gets the share that is done. */
export async function trainStudyAutoencoder(
  { source, seed, threads, signal }: Material,
  configuration: Configuration,
  onProgress: (share: number) => void,
): Promise<StudyAutoencoder> {
  const { shape, scaling, train } = source;
  const { blueprint, training } = resolveConfiguration(
    { seed, ...configuration },
    { shape, count: train.count, scaling: scaling.kind },
  );
  const model = new Autoencoder(blueprint);
  const { weights } = await trainAutoencoder(model, source, training, {
    threads,
    signal,
    onProgress: ({ epoch, epochs, done, of }) => onProgress((epoch - 1 + done / of) / epochs),
  });
  const trained = { model, weights, training, scaling };
  return { ...trained, scorer: await Scorer.load(buildReconstructionGraph(trained), { threads }) };
}
