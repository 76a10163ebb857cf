import { syncBuiltinESMExports } from 'node:module';
import os from 'node:os';

// Test files share the processors. A computation with a thread for each of them waits for the other file's threads,
// and a fifth of the time goes into waiting. Tests of threads ask for a number.
os.availableParallelism = () => 1;
syncBuiltinESMExports();
