import { mnistDense } from './models.ts';
import { buildEmpty, buildWorker, startWorkerd } from './contenders.ts';
import { timeEach } from './client.ts';
const { bodies } = await mnistDense();
if (process.argv[2] !== 'nobuild') await buildWorker('/tmp/edge-own', 'models/mnist', 'offmanifold');
await buildEmpty('/tmp/edge-empty');
for (const folder of (process.argv[3] ?? '/tmp/edge-empty,/tmp/mini-a,/tmp/mini-b,/tmp/mini-d').split(',')) {
  const all: number[][] = [];
  for (let k = 0; k < 5; k++) {
    const s = await startWorkerd({ folder, mb: 0, gzMb: 0 });
    const c0 = await s.cpu(); const m0 = await s.memory();
    const mini = folder.includes('mini');
    await timeEach(s.port, mini ? 'application/octet-stream' : 'application/json', mini ? bodies.compact : bodies.json, 1);
    const c1 = await s.cpu(); const m1 = await s.memory();
    await timeEach(s.port, mini ? 'application/octet-stream' : 'application/json', mini ? bodies.compact : bodies.json, 1);
    all.push([c0, c1 - c0, await s.cpu() - c1, m0, m1]);
    await s.stop();
  }
  const med = all[0].map((_, j) => all.map((r) => r[j]).sort((a, b) => a - b)[2].toFixed(1));
  console.log(folder, 'start, first, second, mem0, mem1:', med.join('  '));
}
