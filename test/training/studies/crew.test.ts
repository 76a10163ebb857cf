import { expect, test } from 'vitest';
import { softmaxRegression } from '../../../training/classifiers/linear.ts';
import { Crew } from '../../../training/studies/crew.ts';

/** Two classes on either side of zero, apart by `gap`. */
function drawSamples(gap: number) {
  const n = 40;
  const labels = Uint8Array.from({ length: n }, (_, i) => i % 2);
  const values = Float32Array.from({ length: 2 * n }, (_, p) =>
    p % 2 ? Math.sin(p) : gap * (labels[p >> 1] - 0.5) + Math.cos(7 * p),
  );
  return { values, n, d: 2, labels, classes: 2 };
}

const jobFor = (gap: number, cost: number) => ({
  what: `gap ${gap}`,
  cost,
  input: {
    method: softmaxRegression.name,
    train: drawSamples(gap),
    test: drawSamples(gap),
    shape: [1, 2],
    seed: 1,
    epochs: 3,
  },
});

test('threads find what one thread finds, in the order of the jobs, and say how far they are', async () => {
  const gaps = [1, 3, 9];
  const shares: number[] = [];
  await using crew = new Crew(2);
  const found = await crew.runAll(
    'classifier',
    gaps.map((gap, i) => jobFor(gap, i + 1)),
    (_what, share) => shares.push(share),
  );
  for (const [i, gap] of gaps.entries()) {
    const samples = drawSamples(gap);
    await using classifier = await softmaxRegression.fit(samples, { seed: 1, epochs: 3 });
    expect(found[i].predicted, `gap ${gap}`).toEqual(await classifier.predict(samples));
  }
  expect(found[0].predicted).not.toEqual(found[2].predicted);
  expect(shares).toEqual(shares.toSorted((a, b) => a - b));
  expect(shares.at(-1)).toBeCloseTo(1);
});

test('an error in a thread is that of the crew', async () => {
  await using crew = new Crew(1);
  const { input, ...job } = jobFor(1, 1);
  const broken = { ...input, train: { ...input.train, labels: new Uint8Array(3) } };
  await expect(crew.runAll('classifier', [{ ...job, input: broken }], () => {})).rejects.toThrow(
    'there are 3 labels for 40 rows',
  );
});
