/** What a plain request asks for. */
export interface AskedPath {
  readonly plural: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly subresource: string;
}

const kinds = [
  'Pod',
  'Namespace',
  'Service',
  'EndpointSlice',
  'Deployment',
  'StatefulSet',
  'DaemonSet',
  'ReplicaSet',
  'CronJob',
  'Job',
  'Lease',
  'Event',
  'TokenReview',
  'SubjectAccessReview',
];
/** What the path of a plain request asks for, or undefined when the server has no such resource. */
export function parsePath(path: string): AskedPath | undefined {
  const [, namespace = '', plural = '', name = '', subresource = ''] =
    /^\/(?:api|apis\/[^/]+)\/v1(?:\/namespaces\/([^/]+)(?=\/))?\/([^/]+)(?:\/([^/]+)(?:\/([^/]+))?)?$/.exec(path) ?? [];
  const kind = kinds.find((each) => `${each.toLowerCase()}s` === plural);
  return kind === undefined ? undefined : { plural, kind, namespace, name, subresource };
}

/** What an upgrade asks for, or undefined when it is no stream of a pod. */
export function parseStream(url: URL): AskedStream | undefined {
  const [, namespace, pod, subresource] =
    /^\/api\/v1\/namespaces\/([^/]+)\/pods\/([^/]+)\/(portforward|exec)$/.exec(url.pathname) ?? [];
  if (namespace === undefined || pod === undefined || subresource === undefined) return undefined;
  return { namespace, pod, subresource, query: url.searchParams };
}

/** What a raw request path asks of pods/proxy, or undefined. */
export function parseProxy(path: string): AskedProxy | undefined {
  const [, namespace, scheme = '', pod, port, rest] =
    /^\/api\/v1\/namespaces\/([^/]+)\/pods\/(?:(https?):)?([^/:]+):(\d+)\/proxy(\/.*)$/.exec(path) ?? [];
  if (namespace === undefined || pod === undefined || rest === undefined) return undefined;
  return { namespace, scheme, pod, port: Number(port), path: rest };
}

export interface AskedStream {
  readonly namespace: string;
  readonly pod: string;
  readonly subresource: string;
  readonly query: URLSearchParams;
}

export interface AskedProxy {
  readonly namespace: string;
  readonly pod: string;
  readonly scheme: string;
  readonly port: number;
  /** Path and query. */
  readonly path: string;
}
