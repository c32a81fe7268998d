import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { IngestJob } from '../../src/ingest/messages.ts';
import { encodeProfile } from '../../src/pprof/encode.ts';
import type { ProfileHeader } from '../../src/profile/profile.ts';
import { jobOf } from './ingest-pipeline.ts';
import { profileFromText } from './profile-from-text.ts';

export interface WorkloadSize {
  readonly services: number;
  readonly pods: number;
  readonly minutes: number;
  /** The number of the first service; 0 unless given. A large workload is made a few services at a time. */
  readonly from?: number;
}

const generator = fileURLToPath(new URL('../../../shared/workload', import.meta.url));
const kinds = ['cpu', 'heap', 'goroutine', 'block', 'mutex'];

/** Whether the generator of the reference workload lies beside the repository. */
export const hasReference = existsSync(join(generator, 'gen.mjs'));

/** A stream of scrapes in time order: the reference workload where its generator is, else made here. */
export function workload(size: WorkloadSize): { readonly name: string; readonly jobs: IngestJob[] } {
  return hasReference
    ? { name: 'reference workload', jobs: referenceJobs(size) }
    : { name: 'made workload', jobs: madeJobs(size) };
}

function referenceJobs({ services, pods, minutes, from = 0 }: WorkloadSize): IngestJob[] {
  const dir = mkdtempSync(join(tmpdir(), 'flameherd-workload-'));
  try {
    mkdirSync(join(dir, 'ds'));
    symlinkSync(join(generator, 'raw'), join(dir, 'raw'));
    const args = ['w', from, from + services, pods, 60, minutes, 2].map(String);
    const made = spawnSync(process.execPath, [join(generator, 'gen.mjs'), ...args], { cwd: dir, encoding: 'utf8' });
    if (made.status !== 0) throw new Error(`the generator of the workload failed: ${made.stderr}`);
    return readRecords(readFileSync(join(dir, 'ds', 'w.bin')));
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Records of 32 bytes of header and a gzip body, as the workload's README says. */
function readRecords(file: Buffer): IngestJob[] {
  const jobs: IngestJob[] = [];
  for (let at = 0; at < file.length; ) {
    const length = file.readUInt32LE(at);
    const service = `svc-${file.readUInt16LE(at + 4)}`;
    const pod = `${service}-${file[at + 6]}`;
    const process = `${pod}/${file.readUInt16LE(at + 10)}`;
    jobs.push(
      scrapeOf(service, pod, process, kinds[file[at + 7] ?? 0] ?? '', {
        bytes: new Uint8Array(file.subarray(at + 32, at + 32 + length)),
        stampMs: Math.round(file.readDoubleLE(at + 12) * 1000),
      }),
    );
    at += 32 + length;
  }
  return jobs;
}

function scrapeOf(
  service: string,
  pod: string,
  process: string,
  kind: string,
  given: Pick<IngestJob, 'bytes' | 'stampMs'>,
): IngestJob {
  return jobOf({
    source: process,
    labels: { namespace: 'shop', workload_kind: 'Deployment', workload: service, container: 'app', pod },
    process: { id: process, slot: pod, startedMs: undefined },
    kind,
    ...given,
  });
}

const typesOf: Readonly<Record<string, readonly string[]>> = {
  cpu: ['samples/count', 'cpu/nanoseconds'],
  heap: ['alloc_objects/count', 'alloc_space/bytes', 'inuse_objects/count', 'inuse_space/bytes'],
  goroutine: ['goroutine/count'],
  block: ['contentions/count', 'delay/nanoseconds'],
  mutex: ['contentions/count', 'delay/nanoseconds'],
};

/** Stacks of a few hundred functions whose values rise from scrape to scrape. */
function madeJobs({ services, pods, minutes, from = 0 }: WorkloadSize): IngestJob[] {
  const jobs: IngestJob[] = [];
  const start = 1_800_000_000_000;
  for (let minute = 0; minute < minutes; minute++) {
    for (let unit = 0; unit < services * pods * kinds.length; unit++) {
      const kind = kinds[unit % kinds.length] ?? 'cpu';
      const service = `svc-${from + Math.floor(unit / kinds.length / pods)}`;
      const pod = `${service}-${Math.floor(unit / kinds.length) % pods}`;
      const header = { durationNanos: kind === 'cpu' ? 10_000_000_000n : 0n };
      const bytes = madeProfile(service, typesOf[kind] ?? [], minute + 1, header);
      jobs.push(scrapeOf(service, pod, pod, kind, { bytes, stampMs: start + minute * 60_000 + unit }));
    }
  }
  return jobs;
}

function madeProfile(
  service: string,
  types: readonly string[],
  factor: number,
  header: Partial<ProfileHeader>,
): Uint8Array {
  const lines = Array.from({ length: 600 }, (_, stack) => {
    const frames = Array.from({ length: 4 + (stack % 20) }, (_, depth) => {
      const name = (stack * 7919 + depth * (stack % 13)) % 400;
      return `github.com/acme/${service}/internal/pkg${name % 40}.(*Type${name % 90}).Method${name}`;
    });
    return `main.main;${frames.join(';')} ${types.map((_, type) => factor * (1 + ((stack * (type + 3)) % 1000))).join(' ')}`;
  });
  const sampleTypes = types.map((name) => {
    const [type = '', unit = ''] = name.split('/');
    return { type, unit };
  });
  return encodeProfile(profileFromText(lines.join('\n'), { types: sampleTypes, header }));
}
