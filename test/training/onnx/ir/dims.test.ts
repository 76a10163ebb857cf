import { describe, expect, test } from 'vitest';
import { countElements, product, quotient } from '../../../../training/onnx/ir/dims.ts';

describe('dimensions, one of them known only when the graph runs', () => {
  test('multiply', () => {
    expect(product([2, 3])).toBe(6);
    expect(product([])).toBe(1);
    expect(product([4, 'N', 3])).toBe('12·N');
    expect(product(['12·N', 2])).toBe('24·N');
    expect(product([1, 'N'])).toBe('N');
    expect(() => product(['N', 'M'])).toThrow('[N, M] has more than one named dimension');
  });

  test('divide, if there is no remainder', () => {
    expect(quotient('12·N', [4])).toBe('3·N');
    expect(quotient('12·N', [4, 'N'])).toBe(3);
    expect(quotient('12·N', [3, '4·N'])).toBe(1);
    expect(quotient('12·N', [5])).toBeUndefined();
    expect(quotient('12·N', ['M'])).toBeUndefined();
    expect(quotient(12, ['N'])).toBeUndefined();
  });

  test('count, once they are known', () => {
    expect(countElements(['2·N', 3, 'N'], { N: 5 })).toBe(150);
    expect(() => countElements(['N', 'M'], { N: 5 })).toThrow('the size of M in [N, M] is not given');
  });
});
