import { Agent, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { IngestJob } from '../../src/ingest/messages.ts';
import { wideParts } from '../workload/reference.ts';
import { scrapesOf, workloadStartMs } from '../workload/scrapes.ts';

/**
 * Uploads the workload to a daemon at a rate, in a process of its own: `node feeder.ts URL RATE SECONDS FROM_MS SERVICES`. A
 * minute of the workload becomes ten seconds, from `FROM_MS` on. Prints what was acknowledged and how long that took.
 */
export interface Fed {
  readonly sent: number;
  readonly acknowledged: number;
  readonly seconds: number;
  /** From the request to the acknowledgement, in milliseconds. */
  readonly latencies: readonly number[];
}

/** Time runs six times as fast as in the workload, so that all of it is of the hour that is being written. */
const speed = 6;
const agent = new Agent({ keepAlive: true, maxSockets: 64 });

if (import.meta.main) {
  const [url = '', rate, seconds, fromMs, services] = process.argv.slice(2);
  console.log(JSON.stringify(await feed(url, Number(rate), Number(seconds), Number(fromMs), Number(services))));
}

async function feed(url: string, rate: number, seconds: number, fromMs: number, services: number): Promise<Fed> {
  const [part] = wideParts;
  if (!part) throw new Error('there is no workload');
  const scrapes = scrapesOf({ ...part, toService: Math.min(services, part.toService) }, 0);
  const total = Math.round(rate * seconds);
  const latencies: number[] = [];
  const uploads: Promise<void>[] = [];
  const startMs = performance.now();
  for (let sent = 0; sent < total; sent++) {
    const next = scrapes.next();
    if (next.done) throw new Error('the workload is too short for this rate');
    const dueMs = startMs + (1000 * sent) / rate;
    const waitMs = dueMs - performance.now();
    if (waitMs > 0) await delay(waitMs);
    const stampMs = Math.round(fromMs + (next.value.stampMs - workloadStartMs) / speed);
    uploads.push(upload(url, next.value, stampMs).then((ms) => void latencies.push(ms)));
  }
  const results = await Promise.allSettled(uploads);
  const failed = results.find((result) => result.status === 'rejected');
  if (failed) console.error(failed.reason);
  agent.destroy();
  return { sent: total, acknowledged: latencies.length, seconds: (performance.now() - startMs) / 1000, latencies };
}

function upload(url: string, { labels, process, kind = '', bytes }: IngestJob, stampMs: number): Promise<number> {
  const query = new URLSearchParams({
    namespace: labels['namespace'] ?? '',
    workload_kind: labels['workload_kind'] ?? '',
    workload: labels['workload'] ?? '',
    container: labels['container'] ?? '',
    pod: labels['pod'] ?? '',
    process: process.id,
    kind,
    time: String(stampMs),
    interval: '10s',
  });
  const startedMs = performance.now();
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/octet-stream', 'content-length': bytes.length };
    const sent = request(
      `${url}/api/v1/profiles?${query.toString()}`,
      { method: 'POST', agent, headers },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          if (response.statusCode === 200) resolve(performance.now() - startedMs);
          else reject(new Error(`HTTP ${response.statusCode} ${Buffer.concat(chunks).toString()}`));
        });
      },
    );
    sent.on('error', reject);
    sent.end(bytes);
  });
}
