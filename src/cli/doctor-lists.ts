import type { KubernetesClient } from '../kubernetes/client.ts';
import { KubernetesError } from '../kubernetes/errors.ts';
import { cleanMessage } from '../model/clean-text.ts';
import { messageOf } from '../model/errors.ts';

/** The parts of objects that are looked at; what others wrote, so all of it may be missing. */
export interface KubeItem {
  readonly metadata?: {
    readonly namespace?: string;
    readonly name?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly status?: Readonly<Record<string, unknown>>;
}

/** Reads lists of the cluster; undefined where there is no right to one, or no such thing. */
export interface ClusterLists {
  list(path: string, query?: Readonly<Record<string, string>>): Promise<readonly KubeItem[] | undefined>;
}

const patienceMs = 5_000;

export function listsOf(client: KubernetesClient): ClusterLists {
  return {
    async list(path, query = {}) {
      const search = new URLSearchParams({ ...query, limit: '500' }).toString();
      try {
        const answer = await client.get(`${path}?${search}`, { signal: AbortSignal.timeout(patienceMs) });
        return (answer as { items?: readonly KubeItem[] | null }).items ?? [];
      } catch (error) {
        if (error instanceof KubernetesError && (error.kind === 'forbidden' || error.kind === 'not-found'))
          return undefined;
        throw new KubernetesError({ kind: 'unavailable', message: `${path}: ${messageOf(error)}`, cause: error });
      }
    },
  };
}

/** `namespace/name`. */
export function nameOf({ metadata }: KubeItem): string {
  return `${metadata?.namespace ?? ''}/${metadata?.name ?? ''}`;
}

/** A text of the cluster, for a line. */
export function said(text: unknown): string {
  return cleanMessage(typeof text === 'string' ? text : '', 400);
}
