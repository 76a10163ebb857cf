import { type FieldError, MAX_ERRORS, Problem } from '../http/problem.ts';
import type { SampleFormat } from './format.ts';
import { MAX_INSTANCES } from './limits.ts';

/** One byte per feature, instance after instance. The byte is the raw value. */
export const octets: SampleFormat = {
  type: 'application/octet-stream',
  refusal: ({ range }) => (range ? undefined : 'the values of this model do not fit into bytes'),
  read(body, { data: { features, range } }) {
    if (body.length % features !== 0) {
      throw new Problem('invalid-body', `expected ${features} bytes per instance, got ${body.length} in all`);
    }
    const n = body.length / features;
    if (n > MAX_INSTANCES) {
      throw new Problem(
        'invalid-body',
        `expected at most ${MAX_INSTANCES} instances, got ${n} (of ${features} bytes each)`,
      );
    }
    const [minimum, maximum] = range!;
    const errors: FieldError[] = [];
    for (let p = 0; p < body.length && errors.length < MAX_ERRORS; p++) {
      if (body[p] >= minimum && body[p] <= maximum) continue;
      errors.push({ detail: `byte ${p}: expected a value from ${minimum} to ${maximum}, got ${body[p]}` });
    }
    if (errors.length > 0) throw new Problem('invalid-body', errors);
    return {
      values: new Float32Array(body),
      errorAt: (i, j, detail) => ({ detail: `byte ${i * features + j}: ${detail}` }),
    };
  },
};
