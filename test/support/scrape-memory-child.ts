import { ScrapePool } from '../../src/scrape/scrape-pool.ts';
import { TransportBook } from '../../src/scrape/transport-book.ts';
import { DirectTransport } from '../../src/scrape/transports/direct.ts';
import { localTarget, storedOutcome } from './scrape-targets.ts';

// Scrapes as many targets as the second argument says from the port given first, with so many at once as the third says, and
// tells what it took. A body stays with the ingest for a few turns, as it does while it is decoded.
const [port = 0, count = 0, atOnce = 0] = process.argv.slice(2).map(Number);
let bytes = 0;
let jobs = 0;
const pool = new ScrapePool({
  collectorId: 'c',
  transports: new TransportBook({ transports: [new DirectTransport({ refuse: () => undefined })] }),
  limits: {
    firstScrapes: { perSecond: count, burst: count },
    inFlight: { windows: 1, snapshots: atOnce, perNode: atOnce, bytes: 128 << 20 },
    maxBodyBytes: 32 << 20,
  },
  async ingest(job) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    jobs++;
    bytes += job.bytes.length;
    return storedOutcome;
  },
});
const template = localTarget(port, ['heap'], { intervalMs: 3_600_000 });
const targets = Array.from({ length: count }, (_, i) => ({
  ...template,
  source: `http://127.0.0.1:${port}/${i}`,
  process: { ...template.process, id: `p${i}` },
  labels: { ...template.labels, node: `node-${i % 100}` },
  specs: template.specs.map((spec) => ({ ...spec, path: `/${i === 0 ? 'giant' : i}/debug/pprof/heap` })),
}));
pool.sync([{ key: 'g', targets }]);
const pending = () =>
  pool.statuses().filter(({ scrapes }) => scrapes.some(({ lastScrapeMs }) => lastScrapeMs === undefined)).length;
while (pending() > 0) await new Promise((resolve) => setTimeout(resolve, 50));
const failed = pool.statuses().flatMap(({ scrapes }) => scrapes.flatMap(({ lastError }) => lastError || []));
await pool.close();
process.send?.({ jobs, bytes, failed, peakMb: process.resourceUsage().maxRSS / 1024 });
process.disconnect();
