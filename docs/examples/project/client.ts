// Calls an API, such as `npx offmanifold serve` starts.
import { ApiProblem, createClient } from 'offmanifold/client';

const client = createClient({ url: process.env.API_URL ?? 'http://127.0.0.1:8787' });
try {
  const { name } = await client.model();
  const { results } = await client.score([[1, -1, 1, -1, 1]], { explain: 2 });
  console.log(name, results[0]?.anomalous, results[0]?.features);
} catch (error) {
  if (!(error instanceof ApiProblem)) throw error;
  console.error(error.message);
}
