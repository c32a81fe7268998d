import type { Target } from '../../src/model/target.ts';
import { hour } from '../../src/model/units.ts';
import { encodeProfile } from '../../src/pprof/encode.ts';
import {
  FetchError,
  type FetchReply,
  type FetchRequest,
  type Transport,
} from '../../src/scrape/transports/transport.ts';
import { profileFromText } from '../../test/support/profile-from-text.ts';
import { specOf } from '../../test/support/scrape-targets.ts';

export const kinds = ['cpu', 'heap', 'goroutine', 'block', 'mutex'] as const;
const functionsPerWorkload = 24;

/** Words that make names as long as those of real programs. */
const areas = ['payments', 'checkout', 'search', 'catalog', 'identity', 'shipping', 'billing', 'messaging'];
const roles = ['api', 'worker', 'gateway', 'indexer', 'consumer'];
const packages = ['internal/store', 'internal/http/handler', 'pkg/cache', 'internal/queue/consumer', 'pkg/codec'];
const methods = ['(*Store).Put', '(*Handler).ServeHTTP', 'decodeRequest', '(*LRU).Add', '(*Consumer).poll', 'Marshal'];

const pick = (words: readonly string[], index: number): string => words[index % words.length] ?? '';

interface Named {
  readonly namespace: string;
  readonly workload: string;
}

function nameOf(workload: number): Named {
  const area = pick(areas, workload);
  return { namespace: area, workload: `${area}-${pick(roles, Math.floor(workload / areas.length))}-${workload}` };
}

/** A pod of one of many Deployments. The interval is so long that nothing is scraped twice while a page is measured. */
export function podOf(workload: number, pod: number): Target {
  const { namespace, workload: name } = nameOf(workload);
  const revision = `${(workload % 16).toString(16)}d9f8b6c5d`;
  const id = `${name}-${revision}-${pod}`;
  return {
    source: `uid-${id}/containerd-1/6060`,
    discoverer: 'kubernetes',
    labels: {
      namespace,
      workload_kind: 'Deployment',
      workload: name,
      container: 'app',
      service_name: name,
      pod: id,
      revision,
      node: `node-${(workload + pod) % 40}`,
      image: `registry.example.com/${namespace}/${name}:v1.${workload % 40}.0`,
    },
    process: { id: `uid-${id}/containerd-1`, slot: `${namespace}/${id}/app`, startedMs: Date.now() - hour },
    memoryLimitBytes: 1024 ** 3,
    specs: kinds.map((kind) => specOf(kind, { intervalMs: hour })),
    transport: 'auto',
    state: { kind: 'active' },
    warnings: [],
    terminating: false,
    pod: { namespace, name: id, uid: `uid-${id}` },
    hostNetwork: false,
  };
}

/** Answers for every pod with a small profile of the functions of its workload, whose counters rise with each `round`. */
export class ProfilesOfPods implements Transport {
  readonly name = 'direct';
  round = 1;

  async fetch(target: Target, request: FetchRequest, signal: AbortSignal): Promise<FetchReply> {
    if (signal.aborted) throw new FetchError('aborted', 'called off');
    const kind = request.path.startsWith('/debug/pprof/profile') ? 'cpu' : (request.path.split('/').at(-1) ?? '');
    const bytes = profileOf(target, kind, this.round);
    return { kind: 'body', status: 200, contentType: 'application/octet-stream', bytes };
  }
}

export function profileOf({ labels }: Target, kind: string, round: number): Uint8Array {
  const workload = Number(labels['workload']?.split('-').at(-1));
  const names = Array.from({ length: functionsPerWorkload }, (_, index) => functionName(workload, index));
  const rows = (values: (index: number) => string): string =>
    names.map((name, index) => `main.main;${name};runtime.mallocgc ${values(index)}`).join('\n');
  switch (kind) {
    case 'heap':
      return encoded(
        rows((index) => `${round * 1000} ${round * 7 * (index + 1) * 1_000_003} 10 ${(index + 1) * 524_309}`),
        'alloc_objects/count alloc_space/bytes inuse_objects/count inuse_space/bytes',
      );
    case 'cpu':
      return encoded(
        rows((index) => `${index + 1} ${(index + 1) * 10_000_000}`),
        'samples/count cpu/nanoseconds',
        10_000_000_000n,
      );
    case 'goroutine':
      return encoded('main.wait;runtime.gopark 40', 'goroutine/count');
    default:
      return encoded(`main.wait;sync.(*Mutex).Lock ${round} ${round * 1000}`, 'contentions/count delay/nanoseconds');
  }
}

/** 50 to 70 characters, as those of Go programs with their module's path. */
function functionName(workload: number, index: number): string {
  const { namespace, workload: name } = nameOf(workload);
  return `github.com/acme/${namespace}/${name}/${pick(packages, index)}.${pick(methods, index)}${index}`;
}

function encoded(text: string, types: string, durationNanos = 0n): Uint8Array {
  const valueTypes = types.split(' ').map((each) => {
    const [type = '', unit = ''] = each.split('/');
    return { type, unit };
  });
  return encodeProfile(
    profileFromText(text.replaceAll(/^(\S+) /gm, '$1  '), { types: valueTypes, header: { durationNanos } }),
  );
}
