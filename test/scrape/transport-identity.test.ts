import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Target } from '../../src/model/target.ts';
import { noScrapeMetrics } from '../../src/scrape/metrics.ts';
import { ScrapePool } from '../../src/scrape/scrape-pool.ts';
import { TransportBook } from '../../src/scrape/transport-book.ts';
import type { Transport } from '../../src/scrape/transports/transport.ts';
import { eventually } from '../support/daemon.ts';
import { startPprofServer } from '../support/pprof-server.ts';
import { bodyOf, collectingIngest, gzipMagic, specOf, targetOf } from '../support/scrape-targets.ts';
import { forwardOver } from '../support/scrape-transports.ts';

/** A StatefulSet's pod keeps its name and perhaps its address over all its lives. */
function life(port: number, transport: Transport['name'], uid: string, container = 'containerd-1'): Target {
  const endpoint = { scheme: 'http', host: '10.1.0.7', port } as const;
  const id = `${uid}/${container}`;
  return targetOf('db-0', [specOf('heap', { endpoint })], {
    transport,
    source: `${id}/${port}`,
    process: { id, slot: 'shop/db-0/app', startedMs: undefined },
    pod: { namespace: 'shop', name: 'db-0', uid },
  });
}

test('what comes from a pod that was replaced under its name meanwhile is dropped, though the stream brought it whole', async () => {
  const { promise: held, resolve: release } = Promise.withResolvers<void>();
  const answers: string[] = [];
  const byName: Transport = {
    name: 'port-forward',
    async fetch({ process }) {
      if (process.id.startsWith('uid-1')) await held;
      answers.push(process.id);
      return bodyOf();
    },
  };
  const { jobs, ingest } = collectingIngest();
  const failures: string[] = [];
  const metrics = { ...noScrapeMetrics, failed: (_: unknown, __: unknown, reason: string) => failures.push(reason) };
  const transports = new TransportBook({ transports: [byName] });
  await using pool = new ScrapePool({ collectorId: 'c', transports, ingest, metrics });
  pool.sync([{ key: 'g', targets: [life(6060, 'port-forward', 'uid-1')] }]);
  await eventually(async () => pool.snapshot().inFlight === 1, 5000, 'scrape under way');
  pool.sync([{ key: 'g', targets: [life(6060, 'port-forward', 'uid-2')] }]);
  release();
  await eventually(async () => answers.length === 2 && pool.snapshot().inFlight === 0, 5000, 'both answers');
  assert.deepEqual(
    jobs.map(({ process }) => process.id),
    ['uid-2/containerd-1'],
  );
  assert.deepEqual(failures, ['replaced']);
});

test('each life of a pod has a stream of its own, and that of the life before is closed', async () => {
  await using server = await startPprofServer(() => ({ kind: 'profile', bytes: gzipMagic }));
  const { transport, opened } = forwardOver();
  const { jobs, ingest } = collectingIngest();
  await using pool = new ScrapePool({
    collectorId: 'c',
    transports: new TransportBook({ transports: [transport] }),
    ingest,
  });
  const lives = [
    life(server.port, 'port-forward', 'uid-1'),
    life(server.port, 'port-forward', 'uid-1', 'containerd-2'),
    life(server.port, 'port-forward', 'uid-2'),
  ];
  for (const [i, target] of lives.entries()) {
    pool.sync([{ key: 'g', targets: [target] }]);
    await eventually(async () => jobs.length === i + 1 && transport.kept.count === 1, 5000, `profile of life ${i}`);
    assert.equal(jobs[i]?.process.id, target.process.id);
    assert.equal(opened.length, i + 1);
  }
  await eventually(async () => opened.filter(({ socket }) => !socket.closed).length === 1, 5000, 'one open stream');
});
