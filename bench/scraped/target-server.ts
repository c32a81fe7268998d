import { type PprofServer, type Script, startPprofServer } from '../../test/support/pprof-server.ts';
import { RecordIndex, type ScrapedKind } from './record-index.ts';

const kindOfPath: Readonly<Record<string, ScrapedKind>> = {
  profile: 'cpu',
  heap: 'heap',
  goroutine: 'goroutine',
  block: 'block',
  mutex: 'mutex',
};
const targetPath = /^\/t\/(\d+)\/(\d+)\/\d+\/debug\/pprof\/(\w+)$/;

/** Which targets there are: pods of the workload, each served several times over as other pods or other services. */
export interface TargetSet {
  readonly services: number;
  readonly pods: number;
  readonly copies: number;
  /** Whether a copy is one more pod of its service, or a service of its own. */
  readonly copiesAre: 'pods' | 'services';
}

/** A server that answers as the pods of the workload would, scrape by scrape. CPU profiles take as long as asked. */
export async function serveTargets(files: readonly string[]): Promise<PprofServer & { readonly index: RecordIndex }> {
  const index = new RecordIndex(files);
  const script: Script = ({ path, count }) => {
    const [, service, pod, name = ''] = targetPath.exec(path) ?? [];
    const kind = kindOfPath[name];
    const bytes = kind && index.body(Number(service), Number(pod), kind, count);
    return bytes
      ? { kind: 'profile', bytes: new Uint8Array(bytes), wait: kind === 'cpu' }
      : { kind: 'status', status: 404, text: 'Unknown profile\n' };
  };
  return Object.assign(await startPprofServer(script), { index });
}

/** Configuration of a daemon that scrapes them all, as YAML (JSON is YAML). */
export function targetsConfig(url: string, { services, pods, copies, copiesAre }: TargetSet): string {
  const targets: unknown[] = [];
  for (let service = 0; service < services; service++) {
    for (let copy = 0; copy < copies; copy++) {
      for (let pod = 0; pod < pods; pod++) {
        const name = copiesAre === 'services' ? `svc-${service}-${copy}` : `svc-${service}`;
        const labels = { namespace: 'shop', container: 'app', pod: `svc-${service}-${copy}-${pod}` };
        targets.push({ url: `${url}/t/${service}/${pod}/${copy}/debug/pprof`, name, labels });
      }
    }
  }
  return JSON.stringify({ targets, scrape: { self: false }, storage: { maxBytes: '50GiB' } });
}
