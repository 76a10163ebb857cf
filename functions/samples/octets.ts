import { type FieldError, MAX_ERRORS, Problem } from '../http/problem.ts';
import type { SampleFormat } from './format.ts';
import { MAX_INSTANCES } from './limits.ts';

/** One byte a feature, instance after instance: its value is the raw value. */
export const octets: SampleFormat = {
  type: 'application/octet-stream',
  refusal: ({ range }) => (range ? undefined : 'this model takes numbers that a byte cannot hold'),
  read(body, { data: { features, range } }) {
    if (body.length % features !== 0) {
      throw new Problem(
        'invalid-body',
        `${body.length} bytes are not a whole number of instances: ${features} bytes each expected`,
      );
    }
    const n = body.length / features;
    if (n > MAX_INSTANCES) {
      throw new Problem(
        'invalid-body',
        `${n} instances of ${features} bytes, at most ${MAX_INSTANCES} expected`,
      );
    }
    const [minimum, maximum] = range!;
    const errors: FieldError[] = [];
    for (let p = 0; p < body.length && errors.length < MAX_ERRORS; p++) {
      if (body[p] >= minimum && body[p] <= maximum) continue;
      errors.push({ detail: `byte ${p} is ${body[p]}, a value from ${minimum} to ${maximum} expected` });
    }
    if (errors.length > 0) throw new Problem('invalid-body', errors);
    return {
      values: Float32Array.from(body),
      wrong: (i, j, detail) => ({ detail: `byte ${i * features + j}: ${detail}` }),
    };
  },
};
