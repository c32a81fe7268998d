import { BlockList, isIP, isIPv6 } from 'node:net';
import type { Endpoint, Target } from '../model/target.ts';

/** What the collector must never be made to ask, besides the addresses that are refused everywhere. */
export interface SafetyRules {
  /** Addresses of the API server. */
  readonly apiServers: readonly string[];
  /** Its port; undefined: the usual one. */
  readonly apiPort?: number | undefined;
  /** The cluster's Service ranges as CIDR: `10.96.0.0/12`. */
  readonly serviceRanges: readonly string[];
  /** Pods in the node's network are refused unless this is set. */
  readonly allowHostNetwork: boolean;
}

/** The longest request path: longer ones are refused, by the name of the limit. */
export const maxPathLength = 1024;

/**
 * A test of where a request may go. It answers why not, or undefined when it may.
 *
 * A Kubernetes target is asked by its pod's own address only, written as an IP literal, so that no name is looked up, and
 * never inside the ranges below. A static target is the operator's own choice and may be anything.
 */
export function safetyCheck(rules: SafetyRules): (target: Target, endpoint: Endpoint) => string | undefined {
  const own = blockList([
    ...rules.apiServers.filter((address) => isIP(address)).map((address): Range => [address, 'the API server']),
    ...rules.serviceRanges.map((range): Range => [range, 'a Service address']),
  ]);
  return (target, endpoint) => {
    if (!Number.isInteger(endpoint.port) || endpoint.port < 1 || endpoint.port > 65_535) {
      return `port ${endpoint.port} is not between 1 and 65535`;
    }
    if (target.discoverer === 'static') return undefined;
    if (target.hostNetwork && !rules.allowHostNetwork) {
      return 'the pod is in the network of its node (hostNetwork), which is refused unless discovery.allowHostNetwork is true';
    }
    if (target.hostNetwork && (controlPlanePorts.has(endpoint.port) || endpoint.port === rules.apiPort)) {
      return `port ${endpoint.port} of a node belongs to Kubernetes itself and is never scraped`;
    }
    const address = plainAddress(endpoint.host);
    if (address === undefined)
      return `host ${JSON.stringify(endpoint.host)} is no IP address; pods are asked by their own address only`;
    const what = own(address) ?? forbiddenEverywhere(address);
    return what && `address ${endpoint.host} is ${what}, which is never scraped`;
  };
}

/**
 * Why a request path is refused, or undefined. A path that passes cannot change the host, leave its prefix or smuggle a
 * second request: one leading slash, visible ASCII, no backslash, no fragment, no `..`.
 */
export function pathProblem(path: string): string | undefined {
  if (path.length > maxPathLength)
    return `path is ${path.length} characters long, at most ${maxPathLength} are allowed`;
  if (!path.startsWith('/') || path.startsWith('//')) return `path ${JSON.stringify(path)} must begin with one slash`;
  if (!/^[!-~]*$/.test(path) || /[\\#]/.test(path)) {
    return `path ${JSON.stringify(path)} may hold visible ASCII characters only, and no \\ or #`;
  }
  const segments = path
    .replace(/\?.*$/s, '')
    .split('/')
    .map((segment) => segment.replaceAll(/%2e/gi, '.'));
  if (segments.includes('..')) return `path ${JSON.stringify(path)} may not hold ..`;
  return undefined;
}

/**
 * Ports of a node that hold the keys of the cluster: API server, etcd, kubelet. A pod in the node's network may declare any
 * port, and by port-forward it is the node's own loopback that answers.
 */
const controlPlanePorts: ReadonlySet<number> = new Set([6443, 2379, 2380, 2381, 10248, 10250, 10255]);

type Range = readonly [range: string, what: string];

const forbiddenEverywhere = blockList([
  ['0.0.0.0/8', 'unspecified'],
  ['127.0.0.0/8', 'a loopback address'],
  ['169.254.0.0/16', 'link-local'],
  ['224.0.0.0/4', 'multicast'],
  ['240.0.0.0/4', 'reserved'],
  ['100.100.100.200', 'a metadata service'],
  ['168.63.129.16', 'a metadata service'],
  ['192.0.0.192', 'a metadata service'],
  ['::', 'unspecified'],
  ['::1', 'a loopback address'],
  ['::/96', 'an IPv4 address in IPv6 clothes'],
  ['64:ff9b::/96', 'an IPv4 address in IPv6 clothes'],
  ['64:ff9b:1::/48', 'an IPv4 address in IPv6 clothes'],
  ['2002::/16', 'an IPv4 address in IPv6 clothes'],
  ['fe80::/10', 'link-local'],
  ['fec0::/10', 'site-local'],
  ['ff00::/8', 'multicast'],
  ['fd00:ec2::254', 'a metadata service'],
  ['fd20:ce::254', 'a metadata service'],
]);

/** Finds the first range that holds an address. */
function blockList(ranges: readonly Range[]): (address: string) => string | undefined {
  const lists = ranges.map(([range, what]) => {
    const [network = '', prefix] = range.split('/');
    const family = isIPv6(network) ? 'ipv6' : 'ipv4';
    const list = new BlockList();
    list.addSubnet(network, prefix === undefined ? (family === 'ipv6' ? 128 : 32) : Number(prefix), family);
    return { list, what };
  });
  return (address) => {
    const family = isIPv6(address) ? 'ipv6' : 'ipv4';
    return lists.find(({ list }) => list.check(address, family))?.what;
  };
}

/** The address as it is routed: `::ffff:127.0.0.1` and `::ffff:7f00:1` are 127.0.0.1. Undefined for all that is no plain literal. */
function plainAddress(host: string): string | undefined {
  if (isIP(host) === 0 || host.includes('%')) return undefined;
  if (!isIPv6(host)) return host;
  const canonical = new URL(`http://[${host}]`).hostname.slice(1, -1);
  const mapped = /^::ffff:([0-9a-f]+):([0-9a-f]+)$/.exec(canonical);
  if (!mapped) return canonical;
  const high = Number.parseInt(mapped[1] ?? '', 16);
  const low = Number.parseInt(mapped[2] ?? '', 16);
  return `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`;
}
