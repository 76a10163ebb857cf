import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { ROOT } from '../support/paths.ts';

/** Imported by its path, because its types are those of a browser, which the tests' are not. */
const SCORER = join(ROOT, 'dashboard/data/scorer.ts');

const runs = vi.hoisted(() => ({ underWay: 0, most: 0 }));

/** A runtime whose score is the sample's first value, and which fails on a negative one. */
vi.mock('onnxruntime-web/wasm', () => ({
  env: { wasm: {}, versions: { web: '1.2.3' } },
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
        return { score: { data: Float32Array.of(value!) } };
      },
    }),
  },
}));

test('onnxruntime-web scores samples asked for at once one after another, also after one that fails', async () => {
  const { createSecondScorer } = await import(SCORER);
  const score: (sample: Float32Array) => Promise<{ score: number; engine: string }> =
    await createSecondScorer(new Uint8Array());
  const answers = await Promise.allSettled([0.25, -1, 0.5, 1].map((value) => score(Float32Array.of(value))));
  expect(
    answers.map((answer) => (answer.status === 'fulfilled' ? answer.value.score : answer.reason.message)),
  ).toEqual([0.25, 'the runtime refused', 0.5, 1]);
  expect(runs.most).toBe(1);
  expect((await score(Float32Array.of(0.5))).engine).toBe('onnxruntime-web 1.2.3');
});
