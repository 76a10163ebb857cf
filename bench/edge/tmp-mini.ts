import { mnistDense } from './models.ts';
import { startWorkerd } from './contenders.ts';
import { timeEach, quantile } from './client.ts';
const { bodies } = await mnistDense();
const s = await startWorkerd({ folder: process.argv[2], mb: 0, gzMb: 0 });
for (const n of [0, 1, 2, 11, 21, 0, 1, 2, 11]) { await timeEach(s.port, 'application/octet-stream', bodies.compact, 300, `?n=${n}`); const c = await s.cpu(); const t = await timeEach(s.port, 'application/octet-stream', bodies.compact, 400, `?n=${n}`); console.log(n, 'cpu', ((await s.cpu() - c) / 400).toFixed(3), 'p50', quantile(t, 0.5).toFixed(3)); }
await s.stop();
