import { isDeepStrictEqual } from 'node:util';
import { type KubeObject, type StoreEvent } from './kubernetes-object-store.ts';

/** A `v1 Status` of a failure. */
export interface FakeStatus {
  readonly code: number;
  readonly reason?: string;
  readonly message?: string;
  readonly retryAfterSeconds?: number;
  readonly causes?: readonly { readonly reason: string }[];
}

export function statusBody({ code, reason = '', message, retryAfterSeconds, causes }: FakeStatus): unknown {
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: message ?? `${code} ${reason} (scripted)`,
    reason,
    details: {
      ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
      ...(causes === undefined ? {} : { causes }),
    },
    code,
  };
}

/** The selectors that tests use: `a=b,c!=d` on labels, and on metadata.name, metadata.namespace, spec.nodeName, status.phase. */
export function selects(query: URLSearchParams, object: KubeObject): boolean {
  const labels = object.metadata.labels ?? {};
  return (
    holds(query.get('labelSelector'), (key) => labels[key] ?? '') &&
    holds(query.get('fieldSelector'), (key) => fieldOf(object, key))
  );
}

function holds(selector: string | null, valueOf: (key: string) => string): boolean {
  if (!selector) return true;
  return selector.split(',').every((term) => {
    const [, key = '', operator, value = ''] = /^([^!=]+)(!?==?)(.*)$/.exec(term) ?? [];
    return operator?.startsWith('!') ? valueOf(key) !== value : valueOf(key) === value;
  });
}

function fieldOf(object: KubeObject, path: string): string {
  let value: unknown = object;
  for (const key of path.split('.')) value = (value as Record<string, unknown> | undefined)?.[key];
  return typeof value === 'string' ? value : '';
}

/** What a watch with this query in this namespace is told of an event: an object that leaves the selection is deleted. */
export function watchEvent(event: StoreEvent, isSelected: (object: KubeObject) => boolean): WatchLine | undefined {
  const { object, previous, version } = event;
  const now = object !== undefined && isSelected(object);
  const before = previous !== undefined && isSelected(previous);
  if (now && before && isDeepStrictEqual(object, previous)) return undefined;
  if (now) return { type: before ? 'MODIFIED' : 'ADDED', object };
  if (!before) return undefined;
  return {
    type: 'DELETED',
    object: { ...previous, metadata: { ...previous.metadata, resourceVersion: String(version) } },
  };
}

export interface WatchLine {
  readonly type: string;
  readonly object: unknown;
}

/** The object as the `Accept` header asks for it. */
export function shape(object: KubeObject, accept: string): unknown {
  if (!accept.includes('as=PartialObjectMetadata')) return object;
  return { apiVersion: 'meta.k8s.io/v1', kind: 'PartialObjectMetadata', metadata: object.metadata };
}
