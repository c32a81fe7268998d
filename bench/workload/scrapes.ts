import { closeSync, openSync, readSync } from 'node:fs';
import type { IngestJob } from '../../src/ingest/messages.ts';
import type { DurationMs } from '../../src/model/units.ts';
import { jobOf } from '../../test/support/ingest-pipeline.ts';
import { workload } from '../../test/support/ingest-workload.ts';
import { hasGenerator, type WorkloadPart, workloadFile } from './reference.ts';

const kinds = ['cpu', 'heap', 'goroutine', 'block', 'mutex'];
const headerLength = 32;
const readAtOnce = 4 << 20;

/**
 * The scrapes of one part of the workload in order of time, read as they are asked for, with their stamps moved by some
 * time. Where there is no generator: profiles of our own making, which say nothing about other collectors.
 */
export function* scrapesOf(part: WorkloadPart, moveMs: DurationMs): Generator<IngestJob> {
  if (hasGenerator) yield* recordedScrapes(workloadFile(part), moveMs);
  else yield* madeScrapes(part, moveMs);
}

/** When the first scrape of the reference workload was taken; the start of an hour. */
export const workloadStartMs = hasGenerator ? 1_760_000_400_000 : 1_800_000_000_000;

function* madeScrapes(
  { fromService, toService, pods, minutes }: WorkloadPart,
  moveMs: DurationMs,
): Generator<IngestJob> {
  const { jobs } = workload({ services: toService - fromService, pods, minutes, from: fromService });
  for (const job of jobs) yield { ...job, stampMs: job.stampMs + moveMs };
}

/** Records of 32 bytes of header and a gzip body, as the workload's README says. */
function* recordedScrapes(path: string, moveMs: DurationMs): Generator<IngestJob> {
  using file = new RecordFile(path);
  for (;;) {
    const header = file.take(headerLength);
    if (!header) return;
    const body = file.take(header.readUInt32LE(0));
    if (!body) throw new Error(`${path} ends amid a record`);
    yield scrapeOf(header, new Uint8Array(body), moveMs);
  }
}

function scrapeOf(header: Buffer, bytes: Uint8Array, moveMs: DurationMs): IngestJob {
  const service = `svc-${header.readUInt16LE(4)}`;
  const generation = header.readUInt16LE(10);
  const pod = `${service}-${header.readUInt16LE(8)}-${header[6]}`;
  const process = `${pod}/${generation}`;
  return jobOf({
    source: process,
    labels: { namespace: 'shop', workload_kind: 'Deployment', workload: service, container: 'app', pod },
    process: { id: process, slot: `shop/${pod}/app`, startedMs: undefined },
    kind: kinds[header[7] ?? 0] ?? '',
    bytes,
    stampMs: Math.round(header.readDoubleLE(12) * 1000) + moveMs,
  });
}

class RecordFile {
  readonly #file: number;
  #buffer = Buffer.alloc(0);
  #at = 0;

  constructor(path: string) {
    this.#file = openSync(path, 'r');
  }

  /** The next bytes; undefined at the end. Valid until the next call. */
  take(length: number): Buffer | undefined {
    if (this.#at + length > this.#buffer.length) this.#fill(length);
    if (this.#at + length > this.#buffer.length) return undefined;
    this.#at += length;
    return this.#buffer.subarray(this.#at - length, this.#at);
  }

  [Symbol.dispose](): void {
    closeSync(this.#file);
  }

  #fill(length: number): void {
    const rest = this.#buffer.subarray(this.#at);
    const next = Buffer.alloc(Math.max(readAtOnce, rest.length + length));
    rest.copy(next);
    const read = readSync(this.#file, next, rest.length, next.length - rest.length, null);
    this.#buffer = next.subarray(0, rest.length + read);
    this.#at = 0;
  }
}
