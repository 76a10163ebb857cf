import { Lock, LockError } from '../../../bundle/node/lock.ts';

// A process that asks for a lock several times at once when it is told to, reports how often it got it, and releases
// it when it is told to.
const [path, attempts] = process.argv.slice(2);
let taken: Lock[] = [];

process.on('message', async (message) => {
  if (message === 'release') {
    for (const lock of taken) lock.release();
    process.send!('released');
    return;
  }
  const asked = Array.from({ length: Number(attempts) }, () => Lock.take(path!, { busy: 'it is busy' }));
  const answers = await Promise.allSettled(asked);
  taken = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
  for (const answer of answers) {
    if (answer.status === 'rejected' && !(answer.reason instanceof LockError)) throw answer.reason;
  }
  process.send!(taken.length);
});
process.send!('ready');
