import type { IngestJob, IngestOutcome } from '../../src/ingest/messages.ts';
import type { ScrapeSpec, Target } from '../../src/model/target.ts';
import { minute } from '../../src/model/units.ts';
import {
  FetchError,
  type FetchReply,
  type FetchRequest,
  type Transport,
} from '../../src/scrape/transports/transport.ts';

/** One kind of a target, as `go tool` would ask it. */
export function specOf(kind: string, change: Partial<ScrapeSpec> = {}): ScrapeSpec {
  return {
    kind,
    endpoint: { scheme: 'http', host: '10.1.0.7', port: 6060 },
    path: `/debug/pprof/${kind === 'cpu' ? 'profile' : kind}`,
    intervalMs: minute,
    seconds: kind === 'cpu' ? 10 : undefined,
    ...change,
  };
}

/** An active pod of `shop/checkout`; `name` tells pods apart. */
export function targetOf(name: string, kinds: readonly (string | ScrapeSpec)[], change: Partial<Target> = {}): Target {
  return {
    source: `uid-${name}/containerd-1/6060`,
    discoverer: 'kubernetes',
    labels: {
      namespace: 'shop',
      workload_kind: 'Deployment',
      workload: 'checkout',
      container: 'app',
      pod: name,
      node: 'node-1',
    },
    process: { id: `uid-${name}/containerd-1`, slot: `shop/${name}/app`, startedMs: undefined },
    specs: kinds.map((kind) => (typeof kind === 'string' ? specOf(kind) : kind)),
    transport: 'auto',
    state: { kind: 'active' },
    warnings: [],
    terminating: false,
    pod: { namespace: 'shop', name, uid: `uid-${name}` },
    hostNetwork: false,
    ...change,
  };
}

/** A target at a scripted server on this machine. */
export function localTarget(port: number, kinds: readonly string[], change: Partial<ScrapeSpec> = {}): Target {
  const endpoint = { scheme: 'http', host: '127.0.0.1', port } as const;
  return targetOf(
    'local',
    kinds.map((kind) => specOf(kind, { endpoint, ...change })),
    {
      source: `http://127.0.0.1:${port}`,
      discoverer: 'static',
      pod: undefined,
    },
  );
}

export const gzipMagic = Uint8Array.of(0x1f, 0x8b, 8, 0);

export function bodyOf(bytes: Uint8Array = gzipMagic.slice()): FetchReply {
  return { kind: 'body', status: 200, contentType: 'application/octet-stream', bytes };
}

export function statusOf(status: number, snippet = '', location = ''): FetchReply {
  return { kind: 'status', status, snippet, location, goPprof: true };
}

export type FakeReply = FetchReply | FetchError | Promise<FetchReply>;

/** A transport that answers from a script and remembers what it was asked, and when. */
export class FakeTransport implements Transport {
  readonly name = 'direct';
  readonly asked: { readonly path: string; readonly atMs: number; readonly source: string }[] = [];
  readonly #reply: (request: FetchRequest, target: Target) => FakeReply;

  constructor(reply: (request: FetchRequest, target: Target) => FakeReply) {
    this.#reply = reply;
  }

  /** Rejects with `aborted` once the signal does, as every transport must. */
  async fetch(target: Target, request: FetchRequest, signal: AbortSignal): Promise<FetchReply> {
    this.asked.push({ path: request.path, atMs: Date.now(), source: target.source });
    const reply = this.#reply(request, target);
    if (reply instanceof FetchError) throw reply;
    return Promise.race([
      reply,
      new Promise<never>((_, reject) => {
        signal.addEventListener('abort', () => reject(new FetchError('aborted', 'called off')), { once: true });
      }),
    ]);
  }
}

/** An ingest that stores everything and remembers the jobs. */
export function collectingIngest(): {
  readonly jobs: IngestJob[];
  readonly ingest: (job: IngestJob) => Promise<IngestOutcome>;
} {
  const jobs: IngestJob[] = [];
  return {
    jobs,
    ingest: async (job) => {
      jobs.push(job);
      return storedOutcome;
    },
  };
}

export const storedOutcome: IngestOutcome = {
  kind: 'stored',
  id: '1',
  duplicate: false,
  samples: 3,
  trimmed: 0,
  profiledMs: 0,
  warnings: [],
  skewMs: undefined,
};
