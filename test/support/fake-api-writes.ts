import { type FakeStatus, statusBody } from './fake-api-answers.ts';
import { type KubeMetadata, type KubeObject, type ObjectStore } from './kubernetes-object-store.ts';

/** One request that changes something, as the path and the body say. */
export interface FakeWrite {
  readonly verb: 'create' | 'update' | 'patch' | 'delete';
  readonly kind: string;
  readonly namespace: string;
  /** "" for a creation. */
  readonly name: string;
  readonly subresource: string;
  readonly contentType: string;
  readonly body: unknown;
  /** Everything is checked and nothing is kept. */
  readonly dryRun: boolean;
}

export interface FakeWritten {
  readonly code: number;
  readonly body: unknown;
}

/** Asked before anything is kept, dry runs too: a refusal is what an admission plugin answers. */
export type Admission = (object: KubeObject, write: FakeWrite) => FakeStatus | undefined;

/**
 * Create, update, patch and delete as a real API server does them for the objects that we write: stale versions and foreign
 * UIDs conflict, ephemeral containers can only be added, and a MicroTime without six digits is refused.
 */
export function applyWrite(store: ObjectStore, write: FakeWrite, admit: Admission): FakeWritten {
  try {
    return { code: write.verb === 'create' ? 201 : 200, body: written(store, write, admit) };
  } catch (error) {
    if (error instanceof Refusal) return { code: error.status.code, body: statusBody(error.status) };
    throw error;
  }
}

class Refusal extends Error {
  readonly status: FakeStatus;

  constructor(code: number, reason: string, message: string) {
    super(message);
    this.status = { code, reason, message };
  }
}

function written(store: ObjectStore, write: FakeWrite, admit: Admission): unknown {
  const { verb, kind, namespace } = write;
  const name = verb === 'create' ? (write.body as KubeObject).metadata.name : write.name;
  const current = store.get(kind, namespace, name);
  const what = `${kind.toLowerCase()}s "${name}"`;
  if (verb === 'create' && current) throw new Refusal(409, 'AlreadyExists', `${what} already exists`);
  if (verb !== 'create' && !current) throw new Refusal(404, 'NotFound', `${what} not found`);
  if (verb === 'delete' && current) {
    const { preconditions = {} } = (write.body ?? {}) as { preconditions?: Partial<KubeMetadata> };
    refuseOther(preconditions, current, what);
    if (!write.dryRun) store.delete(kind, namespace, name);
    return current;
  }
  const next = nextOf(write, current, what);
  checkTimes(next);
  const refused = admit(next, write);
  if (refused) throw new Refusal(refused.code, refused.reason ?? '', refused.message ?? '');
  const kept = { ...next, metadata: { ...next.metadata, namespace } };
  return write.dryRun ? kept : store.put(kept);
}

/** The object as it would stand after the write. */
function nextOf(write: FakeWrite, current: KubeObject | undefined, what: string): KubeObject {
  const sent = write.body as KubeObject;
  if (current === undefined) return sent;
  if (write.verb === 'update' && sent.metadata.resourceVersion === undefined) {
    throw new Refusal(422, 'Invalid', `${what} is invalid: metadata.resourceVersion: must be specified for an update`);
  }
  refuseOther(sent.metadata ?? {}, current, what);
  if (write.verb === 'update') return { ...sent, metadata: { ...current.metadata, ...sent.metadata } };
  if (write.subresource === 'ephemeralcontainers') return withEphemeral(current, sent, what);
  return merged(current, sent) as KubeObject;
}

function refuseOther({ uid, resourceVersion }: Partial<KubeMetadata>, current: KubeObject, what: string): void {
  if (uid !== undefined && uid !== current.metadata.uid) {
    throw new Refusal(422, 'Invalid', `${what} is invalid: metadata.uid: Invalid value: field is immutable`);
  }
  if (resourceVersion !== undefined && resourceVersion !== current.metadata.resourceVersion) {
    throw new Refusal(409, 'Conflict', `Operation cannot be fulfilled on ${what}: the object has been modified`);
  }
}

interface NamedContainer {
  readonly name: string;
}

interface PodSpec {
  readonly containers?: readonly NamedContainer[];
  readonly ephemeralContainers?: readonly NamedContainer[];
}

/** A strategic merge by name: the same entry again changes nothing, another one under its name is refused. */
function withEphemeral(pod: KubeObject, patch: KubeObject, what: string): KubeObject {
  const spec = pod['spec'] as PodSpec;
  const held = spec.ephemeralContainers ?? [];
  const added: NamedContainer[] = [];
  for (const entry of (patch['spec'] as PodSpec | undefined)?.ephemeralContainers ?? []) {
    const same = held.find(({ name }) => name === entry.name);
    if (spec.containers?.some(({ name }) => name === entry.name)) {
      throw new Refusal(
        422,
        'Invalid',
        `${what} is invalid: spec.ephemeralContainers: Duplicate value: "${entry.name}"`,
      );
    }
    if (same && JSON.stringify(same) !== JSON.stringify(entry)) {
      throw new Refusal(
        422,
        'Invalid',
        `${what} is invalid: existing ephemeral containers "${entry.name}" may not be changed`,
      );
    }
    if (!same) added.push(entry);
  }
  return { ...pod, spec: { ...spec, ephemeralContainers: [...held, ...added] } };
}

/** JSON merge patch (RFC 7386). */
function merged(current: unknown, patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch;
  const base = typeof current === 'object' && current !== null && !Array.isArray(current) ? current : {};
  const result: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = merged(result[key], value);
  }
  return result;
}

const microTimes = ['acquireTime', 'renewTime', 'eventTime'];

/** Where the API has a MicroTime it takes six digits and nothing else. */
function checkTimes(object: KubeObject): void {
  const spec = (object['spec'] ?? {}) as Record<string, unknown>;
  for (const key of microTimes) {
    const value = spec[key] ?? object[key];
    if (typeof value === 'string' && !/\.\d{6}Z$/.test(value)) {
      throw new Refusal(422, 'Invalid', `${key}: parsing time "${value}" as "2006-01-02T15:04:05.000000Z07:00"`);
    }
  }
}
