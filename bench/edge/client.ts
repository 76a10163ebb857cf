import { Agent, request } from 'node:http';

/** Bodies of requests: the same samples, one by one and in batches. */
export interface Bodies {
  readonly json: readonly string[];
  /** In the most compact form that the model accepts: bytes for images, CSV for tables. */
  readonly compact: readonly (string | Uint8Array)[];
  readonly compactType: string;
  readonly batch: string | Uint8Array;
  readonly batchSize: number;
}

/** Posts a body to the score route and returns the answer, whose status has to be 200. */
export function post(
  port: number,
  agent: Agent,
  type: string,
  body: string | Uint8Array,
  query = '',
): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { 'Content-Type': type, 'Content-Length': Buffer.byteLength(body) };
    const options = {
      host: '127.0.0.1',
      port,
      agent,
      method: 'POST',
      path: `/api/v1/score${query}`,
      headers,
    };
    request(options, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part) => (text += part));
      response.on('error', reject);
      response.on('end', () => {
        if (response.statusCode === 200) resolve(text);
        else reject(new Error(`the server answered ${response.statusCode}: ${text}`));
      });
    })
      .on('error', reject)
      .end(body);
  });
}

/** Times requests one after the other, in milliseconds. */
export async function timeEach(
  port: number,
  type: string,
  bodies: readonly (string | Uint8Array)[],
  count: number,
  query = '',
): Promise<number[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const times: number[] = [];
  try {
    for (let i = 0; i < count; i++) {
      const start = performance.now();
      await post(port, agent, type, bodies[i % bodies.length]!, query);
      times.push(performance.now() - start);
    }
  } finally {
    agent.destroy();
  }
  return times;
}

/** Requests a second by several clients at once. */
export async function requestsPerSecond(
  port: number,
  type: string,
  bodies: readonly (string | Uint8Array)[],
  { clients, count }: { clients: number; count: number },
): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: clients });
  let sent = 0;
  const start = performance.now();
  try {
    await Promise.all(
      Array.from({ length: clients }, async () => {
        while (sent < count) await post(port, agent, type, bodies[sent++ % bodies.length]!);
      }),
    );
  } finally {
    agent.destroy();
  }
  return (1000 * count) / (performance.now() - start);
}

/** The quantile q of times. */
export function quantile(times: readonly number[], q: number): number {
  const sorted = times.toSorted((a, b) => a - b);
  return sorted[Math.floor(q * (sorted.length - 1))]!;
}
