import { defaultPipelineLimits } from '../src/ingest/defaults.ts';
import { IngestPipeline } from '../src/ingest/pipeline.ts';
import { PprofDecoder } from '../src/pprof/decode.ts';
import { defaultDecodeLimits } from '../src/pprof/decode-limits.ts';
import type { ProfileWriter } from '../src/store/profile-store.ts';
import { openSqliteState } from '../src/store/sqlite/state.ts';
import { openSqliteWriter } from '../src/store/sqlite/writer.ts';
import { hasReference, workload } from '../test/support/ingest-workload.ts';
import { recordsOfMinute } from './store-data.ts';

const pods = 4;
/** So that the reference workload's bytes fit in memory. */
const servicesAtOnce = 2;
const batchSize = 64;
const madeStartMs = 1_699_999_200_000;

export interface Filled {
  /** What it was filled with. */
  readonly name: string;
  readonly profiles: number;
  readonly fromMs: number;
  /** The value of `workload` of one of the services. */
  readonly service: string;
  /** Of appending alone: from records to committed, without the first minute, which carries the symbols. */
  readonly appendCpuMs: number;
}

/** Fills a data directory with the reference workload where its generator is, else with records of our own. */
export async function fillStore(dataDir: string, services: number, minutes: number): Promise<Filled> {
  await using writer = openSqliteWriter({
    dataDir,
    minFreeBytes: 0,
    synchronous: 'normal',
    retention: { maxAgeMs: 1e13, maxBytes: 1e13 },
    now: Date.now,
  });
  const timed = new TimedAppends(writer);
  if (!hasReference) return fillWithRecords(timed, services, minutes);
  await using state = openSqliteState({ dataDir, synchronous: 'normal' });
  const createDecoder = (): PprofDecoder => new PprofDecoder(defaultDecodeLimits);
  const pipeline = new IngestPipeline({ createDecoder, writer: timed.writer, state, limits: defaultPipelineLimits });
  return fillThrough(pipeline, timed, services, minutes);
}

function fillWithRecords(timed: TimedAppends, services: number, minutes: number): Filled {
  for (let minute = 0; minute < minutes; minute++) {
    timed.isWarm = minute > 0;
    for (let service = 0; service < services; service++) {
      timed.writer.append(recordsOfMinute(service, minute, madeStartMs));
    }
  }
  return { name: 'made records', fromMs: madeStartMs, service: 'service-1', ...timed.result() };
}

function fillThrough(pipeline: IngestPipeline, timed: TimedAppends, services: number, minutes: number): Filled {
  let fromMs = Number.POSITIVE_INFINITY;
  for (let from = 0; from < services; from += servicesAtOnce) {
    const { jobs } = workload({ services: Math.min(servicesAtOnce, services - from), pods, minutes, from });
    const startMs = jobs[0]?.stampMs ?? 0;
    fromMs = Math.min(fromMs, startMs);
    for (let at = 0; at < jobs.length; at += batchSize) {
      timed.isWarm = (jobs[at]?.stampMs ?? 0) >= startMs + 60_000;
      pipeline.ingest(jobs.slice(at, at + batchSize));
    }
  }
  return { name: 'reference workload', fromMs, service: 'svc-1', ...timed.result() };
}

/** A writer whose appends are timed once it is warm. */
class TimedAppends {
  isWarm = false;
  readonly writer: ProfileWriter;
  #profiles = 0;
  #warmProfiles = 0;
  #cpuMs = 0;

  constructor(writer: ProfileWriter) {
    this.writer = new Proxy(writer, {
      get: (target, name) => {
        if (name === 'append')
          return (records: Parameters<ProfileWriter['append']>[0]) => this.#append(target, records);
        const member: unknown = Reflect.get(target, name);
        return typeof member === 'function' ? member.bind(target) : member;
      },
    });
  }

  result(): { readonly profiles: number; readonly appendCpuMs: number } {
    return { profiles: this.#profiles, appendCpuMs: this.#cpuMs / Math.max(1, this.#warmProfiles) };
  }

  #append(writer: ProfileWriter, records: Parameters<ProfileWriter['append']>[0]): ReturnType<ProfileWriter['append']> {
    const before = process.cpuUsage();
    const outcomes = writer.append(records);
    const { user, system } = process.cpuUsage(before);
    this.#profiles += records.length;
    if (this.isWarm) {
      this.#cpuMs += (user + system) / 1000;
      this.#warmProfiles += records.length;
    }
    return outcomes;
  }
}
