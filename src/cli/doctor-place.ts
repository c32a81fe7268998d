import { lookup } from 'node:dns/promises';
import { getHeapStatistics } from 'node:v8';
import type { Config } from '../config/schema.ts';
import { formatByteSize } from '../model/byte-size.ts';
import { messageOf } from '../model/errors.ts';
import { redact } from '../model/redact.ts';
import type { Bytes } from '../model/units.ts';
import type { Finding } from './finding.ts';

/** A pod with less is killed with a few hundred targets. */
const leastMemory: Bytes = 512 * 1024 ** 2;
/** Of the limit; the rest is for SQLite, buffers and threads, which lie outside of that heap. */
const largestHeapShare = 0.8;

type Environment = Readonly<Record<string, string | undefined>>;

/** What the process runs on and in. */
export async function examinePlace(config: Config, environment: Environment = process.env): Promise<Finding[]> {
  const limit = process.constrainedMemory();
  return [
    nodeVersion(process.version),
    memory(limit, getHeapStatistics().heap_size_limit),
    ...proxies(environment),
    ...(await names(config)),
  ];
}

export function nodeVersion(version: string): Finding {
  const good = Number(/^v(\d+)/.exec(version)?.[1]) >= 24;
  return {
    what: 'node',
    verdict: good ? 'good' : 'bad',
    detail: version,
    hint: good ? undefined : 'Node 24 or later is needed; npm start brings its own',
  };
}

/** `limit`: what the cgroup allows; 0 or beyond 2^50: nothing is set. `heap`: what V8 lets its heap grow to before it gives up. */
export function memory(limit: Bytes, heap: Bytes): Finding {
  const what = 'memory';
  const told = `heap up to ${formatByteSize(heap)}`;
  if (limit <= 0 || limit >= 2 ** 50) return { what, verdict: 'good', detail: `${told}, no limit` };
  const detail = `${told}, limit ${formatByteSize(limit)}`;
  if (heap > largestHeapShare * limit) {
    const megabytes = Math.floor((0.75 * limit) / 1024 ** 2);
    const hint = `the kernel ends the process before V8 frees what it could: set NODE_OPTIONS=--max-old-space-size=${megabytes}, or raise the limit`;
    return { what, verdict: 'note', detail, hint };
  }
  if (limit >= leastMemory) return { what, verdict: 'good', detail };
  const hint = `give it ${formatByteSize(leastMemory)} or more: docs/CAPACITY.md says how much for how many targets`;
  return { what, verdict: 'note', detail, hint };
}

/**
 * Pods and the API server are asked directly whatever HTTP_PROXY says. Node's own fetch, which tells webhooks and which the
 * commands use, takes proxies with NODE_USE_ENV_PROXY.
 */
export function proxies(environment: Environment): Finding[] {
  const of = (name: string): string => environment[name.toLowerCase()] || environment[name] || '';
  const proxy = of('HTTP_PROXY') || of('HTTPS_PROXY');
  if (proxy === '') return [];
  const what = 'proxy';
  const detail = `HTTP_PROXY or HTTPS_PROXY is ${redact(proxy)}`;
  const isUsed = environment['NODE_USE_ENV_PROXY'] === '1' || environment['NODE_OPTIONS']?.includes('--use-env-proxy');
  if (!isUsed) {
    const hint =
      'not used: pods, the API server and webhooks are asked directly; a proxy before the API server is the proxy-url of the kubeconfig';
    return [{ what, verdict: 'note', detail, hint }];
  }
  const exempt = of('NO_PROXY')
    .split(',')
    .map((entry) => entry.trim());
  const missing = ['127.0.0.1', 'localhost'].filter((host) => !exempt.includes(host) && !exempt.includes('*'));
  if (missing.length === 0) return [{ what, verdict: 'good', detail: `${detail}, and 127.0.0.1 is exempt` }];
  const hint = `commands would ask the proxy for the daemon of this machine: add ${missing.join(',')},.svc,.cluster.local and the networks of pods to NO_PROXY`;
  return [{ what, verdict: 'note', detail, hint }];
}

/** Hosts that the configuration names have to be found. */
async function names({ growth, targets }: Config): Promise<Finding[]> {
  const urls = [growth.webhook.url, ...targets.map(({ url }) => url)].filter((url) => url !== '');
  const hosts = new Set(urls.flatMap((url) => URL.parse(url)?.hostname.replace(/^\[|\]$/g, '') ?? []));
  const findings = await Promise.all([...hosts].slice(0, 50).map(name));
  return findings.filter((finding) => finding !== undefined);
}

async function name(host: string): Promise<Finding | undefined> {
  try {
    await lookup(host);
    return undefined;
  } catch (error) {
    const hint =
      "is it spelt right? In a pod, names of another namespace are NAME.NAMESPACE; look at the cluster's DNS and at NetworkPolicies for port 53";
    return { what: 'DNS', verdict: 'bad', detail: `${host} is not found: ${messageOf(error)}`, hint };
  }
}
