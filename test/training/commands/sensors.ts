import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { Random } from '../../../kernels/random.ts';
import { openSource } from '../../../training/data/source.ts';
import { runPipeline } from '../../../training/pipeline/run.ts';
import { makeOnce } from '../../support/cache.ts';
import { FIXTURES } from '../../support/paths.ts';

/** A folder with a small table, and a bundle that was trained on it. */
export interface Sensors {
  folder: string;
  table: string;
  model: string;
}

const ROWS = 900;
/** One row in so many is anomalous. */
export const EVERY = 30;

/** Rows of four columns that hang together, an id, and a label: where it says yes, they do not. */
export function sensorRows(count: number, seed: number): string[] {
  const random = new Random(seed);
  return Array.from({ length: count }, (_, i) => {
    const fault = i % EVERY === EVERY - 1;
    const load = random.uniform();
    const heat = (fault ? 1 - load : load) * 40 + random.normal();
    const flow = i % 17 === 3 ? '' : (5 * load ** 2 + 0.1 * random.normal()).toFixed(4);
    return [
      9_007_199_254_740_993n + BigInt(i),
      load.toFixed(4),
      heat.toFixed(3),
      flow,
      ['north', 'south'][Number(load > 0.5)],
      fault ? 'yes' : 'no',
    ].join();
  });
}

export const HEADER = 'id,load,heat,flow,site,fault';

const CONFIGURATION = { label: 'fault', epochs: 10, map_points: 100, iterations: 250 };

/** Copies the bundle before the tests of a file, which trains it if it is the first, and removes the copy after them. */
export function useSensors(): Sensors {
  const sensors: Sensors = { folder: '', table: '', model: '' };
  beforeAll(async () => {
    sensors.folder = await mkdtemp(join(tmpdir(), 'offmanifold-sensors-'));
    sensors.table = join(sensors.folder, 'sensors.csv');
    sensors.model = join(sensors.folder, 'sensors');
    const trained = `${FIXTURES}/sensors`;
    await makeOnce(trained, async (folder) => {
      const table = join(folder, 'sensors.csv');
      await writeFile(table, `${[HEADER, ...sensorRows(ROWS, 1)].join('\n')}\n`);
      const out = join(folder, 'sensors');
      await runPipeline(() => openSource(table, CONFIGURATION), CONFIGURATION, { out });
    });
    await cp(trained, sensors.folder, { recursive: true });
  });
  afterAll(() => rm(sensors.folder, { recursive: true, force: true }));
  return sensors;
}
