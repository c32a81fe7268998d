import type { UnixMs } from '../model/units.ts';
import type { KubernetesClient } from './client.ts';
import { resourcePath, resources } from './resource.ts';

/** The object that an Event is about. With its UID, `kubectl describe` shows it. */
export interface EventSubject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

/** What is written for whoever reads the Events of an object. */
export interface NewEvent {
  readonly regarding: EventSubject;
  readonly type: 'Normal' | 'Warning';
  /** CamelCase: why it is written. */
  readonly reason: string;
  /** CamelCase: what was done. */
  readonly action: string;
  readonly note: string;
  /** Which collector: `HOST/ID`. */
  readonly by: string;
  readonly atMs: UnixMs;
  /** Tells apart what is written of one object in one millisecond. */
  readonly key?: string;
}

/** Writes an Event, in `events.k8s.io/v1`, beside its object. Rejects with a `KubernetesError`. */
export async function createEvent(client: KubernetesClient, event: NewEvent, signal: AbortSignal): Promise<void> {
  const { regarding, type, reason, action, note, by, atMs, key } = event;
  const { namespace, name } = regarding;
  const body = {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    metadata: {
      name: [`${name.slice(0, 200)}.flameherd`, atMs.toString(16), ...(key ? [key] : [])].join('-'),
      namespace,
    },
    // A MicroTime has six digits, no fewer.
    eventTime: new Date(atMs).toISOString().replace('Z', '000Z'),
    type,
    reason,
    action,
    note: note.slice(0, 1000),
    reportingController: 'flameherd.dev/collector',
    reportingInstance: by.slice(0, 128),
    regarding,
  };
  await client.post(resourcePath(resources.events, namespace), body, { signal });
}
