// Writes pumps.csv and pumps-new.csv here: readings of made-up pumps, one in fifty with a fault. The same every time.
import { writeFileSync } from 'node:fs';

let state = 7;
const uniform = () => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state / 2 ** 32;
};
const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());

const SITES = { north: 3.1, harbour: 2.4, hill: 4.0 };
const FAULTS = ['leak', 'bearing', 'sensor'];

function reading(i, first) {
  const at = new Date(Date.UTC(2026, 0, 1) + (first + i) * 20 * 60_000);
  const site = Object.keys(SITES)[Math.floor(3 * uniform())];
  const hour = at.getUTCHours() + at.getUTCMinutes() / 60;
  const boost = uniform() < 0.2;
  const load = 0.5 + 0.3 * Math.sin((2 * Math.PI * (hour - 6)) / 24) + (boost ? 0.3 : 0) + 0.04 * normal();
  let pressure = SITES[site] * (1.2 - 0.3 * load) + 0.04 * normal();
  let temperature = 38 + 14 * load + 0.6 * normal();
  let vibration = 0.8 + 0.9 * load ** 2 + 0.05 * normal();
  const fault = uniform() < 0.02 ? FAULTS[Math.floor(3 * uniform())] : '';
  if (fault === 'leak') pressure -= 0.5;
  if (fault === 'bearing') [vibration, temperature] = [vibration + 0.5, temperature + 5];
  if (fault === 'sensor') temperature = 40;
  const shown = uniform() < 0.01 ? '' : temperature.toFixed(1);
  const numbers = [load, pressure].map((value) => value.toFixed(3));
  return [
    `r${first + i}`,
    at.toISOString(),
    site,
    boost,
    ...numbers,
    shown,
    vibration.toFixed(3),
    Number(fault !== ''),
  ];
}

const header = 'reading_id,time,site,boost,load,pressure,temperature,vibration,fault';
const table = (count, first) =>
  [header, ...Array.from({ length: count }, (_, i) => reading(i, first).join(','))].join('\n');
writeFileSync('pumps.csv', `${table(6000, 0)}\n`);
writeFileSync('pumps-new.csv', `${table(1000, 6000)}\n`);
console.log('Wrote pumps.csv (6,000 rows to train on) and pumps-new.csv (1,000 rows to score).');
