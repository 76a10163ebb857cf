import { ADAM, BATCH, CODE, problem, WIDTHS } from './problem.ts';

/** The losses of the first steps by the definitions alone, in double precision: what every peer must find. */
export function referenceLosses(steps: number): number[] {
  const { weights, batch } = problem();
  const layers = weights.map((initial, i) => ({
    inputs: WIDTHS[i],
    outputs: WIDTHS[i + 1],
    relu: i !== CODE && i !== weights.length - 1,
    weight: parameter(Float64Array.from(initial)),
    bias: parameter(new Float64Array(WIDTHS[i + 1])),
  }));
  return Array.from({ length: steps }, (_, step) => {
    const activations: Float64Array[] = [Float64Array.from(batch)];
    for (const { inputs, outputs, relu, weight, bias } of layers) {
      const [x, y] = [activations.at(-1)!, new Float64Array(BATCH * outputs)];
      for (let n = 0; n < BATCH; n++) {
        const row = y.subarray(n * outputs, (n + 1) * outputs);
        row.set(bias.value);
        for (let i = 0; i < inputs; i++) {
          const xi = x[n * inputs + i];
          if (xi === 0) continue;
          for (let o = 0; o < outputs; o++) row[o] += xi * weight.value[i * outputs + o];
        }
        if (relu) for (let o = 0; o < outputs; o++) row[o] = Math.max(0, row[o]);
      }
      activations.push(y);
    }

    let loss = 0;
    let dy: Float64Array = activations.at(-1)!.map((z, i) => {
      loss += (Math.max(z, 0) - z * batch[i] + Math.log1p(Math.exp(-Math.abs(z)))) / BATCH;
      return (1 / (1 + Math.exp(-z)) - batch[i]) / BATCH;
    });
    for (const [at, { inputs, outputs, relu, weight, bias }] of [...layers.entries()].reverse()) {
      const [x, y, dx] = [activations[at], activations[at + 1], new Float64Array(BATCH * inputs)];
      if (relu) dy = dy.map((d, i) => (y[i] > 0 ? d : 0));
      for (let n = 0; n < BATCH; n++) {
        const row = dy.subarray(n * outputs, (n + 1) * outputs);
        for (let o = 0; o < outputs; o++) bias.gradient[o] += row[o];
        for (let i = 0; i < inputs; i++) {
          const xi = x[n * inputs + i];
          let sum = 0;
          for (let o = 0; o < outputs; o++) {
            weight.gradient[i * outputs + o] += xi * row[o];
            sum += weight.value[i * outputs + o] * row[o];
          }
          dx[n * inputs + i] = sum;
        }
      }
      dy = dx;
    }
    for (const { weight, bias } of layers) for (const p of [weight, bias]) update(p, step + 1);
    return loss;
  });
}

const parameter = (value: Float64Array) => ({
  value,
  gradient: new Float64Array(value.length),
  m: new Float64Array(value.length),
  v: new Float64Array(value.length),
});

/** Adam (Kingma & Ba 2015, algorithm 1), after which the gradient is zero again. */
function update({ value, gradient, m, v }: ReturnType<typeof parameter>, t: number): void {
  const { rate, beta1, beta2, epsilon } = ADAM;
  for (let i = 0; i < value.length; i++) {
    m[i] = beta1 * m[i] + (1 - beta1) * gradient[i];
    v[i] = beta2 * v[i] + (1 - beta2) * gradient[i] ** 2;
    value[i] -= (rate * m[i]) / (1 - beta1 ** t) / (Math.sqrt(v[i] / (1 - beta2 ** t)) + epsilon);
    gradient[i] = 0;
  }
}
