import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { CodeIndex, encodeCodes } from '../../bundle/codes.ts';
import { ROOT } from '../support/paths.ts';

/** Imported by its path, because its types are those of a browser, which the tests' are not. */
const SCORER = join(ROOT, 'dashboard/data/scorer.ts');

const runs = vi.hoisted(() => ({ underWay: 0, most: 0 }));

/** A runtime whose score is the sample's first value, and which fails on a negative one. */
vi.mock('onnxruntime-web/wasm', () => ({
  env: { wasm: {} },
  Tensor: class {
    readonly data: Float32Array;
    constructor(_type: string, data: Float32Array) {
      this.data = data;
    }
  },
  InferenceSession: {
    create: async () => ({
      async run({ input }: { input: { data: Float32Array } }) {
        runs.most = Math.max(runs.most, ++runs.underWay);
        await new Promise((resolve) => setTimeout(resolve, 1));
        runs.underWay--;
        const [value] = input.data;
        if (value! < 0) throw new Error('the runtime refused');
        const output = { data: Float32Array.of(value!) };
        return {
          score: output,
          p_value: output,
          code: output,
          reconstruction: output,
          feature_error: output,
          feature_share: output,
          detectors: output,
        };
      },
    }),
  },
}));

test('samples asked for at once are scored one after another, also after one that fails', async () => {
  const place = Float32Array.of(0);
  const codes = new CodeIndex(
    encodeCodes({ codes: place, dims: 1, ids: Int32Array.of(0), x: place, y: place, neighbours: 1 }),
  );
  const manifest = {
    data: { features: 1, shape: [1, 1, 1] },
    scorer: { calibration_count: 3, detectors: [{ name: 'one', title: 'one', family: 'none' }] },
  };
  const { createScorer } = await import(SCORER);
  const score: (sample: Float32Array) => Promise<{ score: number }> = await createScorer(
    new Uint8Array(),
    codes,
    manifest,
  );
  const answers = await Promise.allSettled([0.25, -1, 0.5, 1].map((value) => score(Float32Array.of(value))));
  expect(
    answers.map((answer) => (answer.status === 'fulfilled' ? answer.value.score : answer.reason.message)),
  ).toEqual([0.25, 'the runtime refused', 0.5, 1]);
  expect(runs.most).toBe(1);
});
