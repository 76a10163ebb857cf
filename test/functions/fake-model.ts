import { CodeIndex, encodeCodes } from '../../bundle/codes.ts';
import type { Manifest } from '../../bundle/manifest.ts';
import type { Engine } from '../../bundle/scorer.ts';
import { createApp } from '../../functions/app.ts';
import type { Settings } from '../../functions/http/settings.ts';
import type { Model } from '../../functions/model/model.ts';
import { manifest } from './support.ts';

/** Creates the API for data of a given shape. Its engine expects zeros, and records the samples that it gets. */
export function apiOf(data: Partial<Manifest['data']> & { shape: number[] }, settings?: Settings) {
  const features = data.shape.reduce((a, b) => a * b);
  const given: Float32Array[] = [];
  const engine: Engine = {
    name: 'none',
    async run(samples: Float32Array, n: number) {
      given.push(samples);
      const feature_error = samples.map((value) => (Number.isNaN(value) ? 0 : value * value));
      const total = (i: number) =>
        feature_error.subarray(i * features, (i + 1) * features).reduce((sum, error) => sum + error, 0);
      return {
        code: new Float32Array(n),
        reconstruction: new Float32Array(samples.length),
        feature_error,
        feature_share: feature_error.map((error, p) => error / (total(Math.floor(p / features)) || 1)),
        detectors: new Float32Array(n * manifest.scorer.detectors.length).fill(1),
        score: Float32Array.from({ length: n }, (_, i) => total(i)),
        p_value: new Float32Array(n).fill(1),
      };
    },
  };
  const place = Float32Array.of(0);
  const codes = encodeCodes({
    codes: place,
    dims: 1,
    ids: Int32Array.of(0),
    x: place,
    y: place,
    neighbours: 1,
  });
  const model: Model = {
    manifest: async () => ({ ...manifest, data: { ...manifest.data, range: [0, 255], ...data, features } }),
    engine: async () => engine,
    codes: async () => new CodeIndex(codes),
  };
  const app = createApp(model, settings);
  const send = (type: string, body: BodyInit, query = '', headers: Record<string, string> = {}) =>
    app.request(`/api/v1/score${query}`, {
      method: 'POST',
      headers: { 'Content-Type': type, ...headers },
      body,
    });
  return { app, given, send };
}
