import { expect, test } from 'vitest';
import { readEnvironment, readOptions } from '../../server/options.ts';

test('has defaults, and takes the port from the environment or, rather, the command line', () => {
  const defaults = { host: '127.0.0.1', port: 8787, 'api-only': false };
  expect(readOptions([], {})).toEqual(defaults);
  expect(readOptions([], { PORT: '' })).toEqual(defaults);
  expect(readOptions([], { PORT: '80' })?.port).toBe(80);
  expect(readOptions(['--port', '0', '--api-only'], { PORT: '80' })).toMatchObject({
    port: 0,
    'api-only': true,
  });
  expect(readOptions(['--help', '--port', 'x'], {})).toBeUndefined();
  expect(() => readOptions([], { PORT: 'x' })).toThrow('PORT: expected a whole number, not "x"');
});

test.each([
  [['--port', '65536'], '--port: expected at most 65535, not "65536"'],
  [['--port', '8e3'], '--port: expected a whole number, not "8e3"'],
  [['--hots', 'x'], 'unknown option --hots: did you mean --host?'],
  [['--port='], '--port: expected a whole number'],
  [['--engine', 'onnxruntime-web'], '--engine: expected offmanifold or onnxruntime-node'],
  [['--model='], '--model: expected a folder'],
  [['--zzzzzzzz', 'x'], /^unknown option --zzzzzzzz \(see --help\)$/],
  [['models/mnist'], 'unexpected argument "models/mnist"'],
  [['--port', '-1'], '--port: expected a whole number, not "-1"'],
  [['--model'], /^--model: a value is missing \(see --help\)$/],
  [['--model', '--api-only'], '--model: a value is missing'],
  [['--api-only=yes'], /^--api-only: it takes no value \(see --help\)$/],
  [['--help', '--hots'], 'unknown option --hots'],
  [
    ['--hots', 'x', '--port', 'y', '--engine=z', 'w'],
    /^unknown option --hots: did you mean --host\?\nunexpected argument "w"\n--port: expected a whole number, not "y"\n--engine: expected .*, not "z" \(see --help\)$/,
  ],
])('%j is a wrong usage', (args, sentence) => {
  expect(() => readOptions(args, {})).toThrow(sentence);
});

test.each([
  ['API_KEYS', 'secret-key', 'API_KEYS: expected scope:hash, such as `npx offmanifold key` prints'],
  ['API_KEYS', '', 'API_KEYS: it is empty'],
  [
    'CORS_ORIGINS',
    'example.org',
    'CORS_ORIGINS: expected origins, such as https://example.org, or *, not "example.org"',
  ],
  ['CORS_ORIGINS', '', 'CORS_ORIGINS: it is empty'],
  ['RATE_LIMIT_SECONDS', '4000', 'RATE_LIMIT_SECONDS: expected a whole number from 1 to 3600, not "4000"'],
  ['MAX_PIXELS', 'many', 'MAX_PIXELS: expected a whole number'],
  [
    'RATE_LIMIT',
    '0',
    'RATE_LIMIT: expected how many calls a caller may make in RATE_LIMIT_SECONDS, such as 100, not "0"',
  ],
  ['RATE_LIMIT', '100/60s', 'RATE_LIMIT: expected how many calls'],
  ['ADDRESS_HEADER', 'X-Real-IP:', 'ADDRESS_HEADER: expected the name of a header'],
])('the variable %s = %j is refused, and named', (name, value, sentence) => {
  expect(() => readEnvironment({ [name]: value })).toThrow(sentence);
});
