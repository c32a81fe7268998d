import { KubernetesError } from './errors.ts';

export interface PodName {
  readonly namespace: string;
  readonly name: string;
}

/**
 * `/api/v1/namespaces/shop/pods/cart-1`. Throws an `invalid` for what is no DNS name: it could be another path. `prefix` and
 * `suffix` are what pods/proxy writes around the name.
 */
export function podPath({ namespace, name }: PodName, prefix = '', suffix = ''): string {
  for (const part of [namespace, name]) {
    if (!/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(part)) {
      throw new KubernetesError({ kind: 'invalid', message: `${JSON.stringify(part)} cannot be a name in Kubernetes` });
    }
  }
  return `/api/v1/namespaces/${namespace}/pods/${prefix}${name}${suffix}`;
}

/** Throws an `invalid` unless it is a TCP port. */
export function checkedPort(port: number): number {
  if (Number.isInteger(port) && port >= 1 && port <= 65_535) return port;
  throw new KubernetesError({ kind: 'invalid', message: `port ${port} is not between 1 and 65535` });
}
