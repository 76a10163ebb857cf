import { Random } from '../../../../kernels/random.ts';
import { openSource } from '../../../../training/data/source.ts';

/** What {@link read} found, in bytes. */
export interface TableReport {
  count: number;
  /** Sum of the first column over one epoch, in which each training row is read once. */
  sum: number;
  peak: number;
}

/** Opens a table as training does, with little memory, and reads one epoch of it in batches. */
async function read(path: string): Promise<TableReport> {
  const source = await openSource(path, {}, { memoryLimit: 2 ** 26, diskMemory: 2 ** 26 });
  const { train, features } = source;
  train.shuffle(new Random(1));
  const batch = new Float32Array(4096 * features);
  let sum = 0;
  for (let start = 0; start < train.count; start += 4096) {
    const size = Math.min(4096, train.count - start);
    await train.read(start, size, batch);
    for (let i = 0; i < size; i++) sum += batch[i * features];
  }
  const { count } = train;
  await source.close();
  return { count, sum, peak: 1024 * process.resourceUsage().maxRSS };
}

console.log(JSON.stringify(await read(process.argv[2])));
