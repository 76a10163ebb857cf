export * from './distances';
export * from './elementwise';
export * from './products';
export * from './reductions';
export * from './selection';
export * from './windows';

/** Where the memory is free from. */
export function freeFrom(): usize {
  return __heap_base;
}
