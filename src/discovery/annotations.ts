import type { ObjectRecord, PodRecord, PodService } from '../kubernetes/records.ts';
import type { LabelSet } from '../model/labels.ts';
import { type AnnotationKey, annotationKeys, annotationPrefix, kindKeys, suggestKey } from './annotation-keys.ts';
import type { WorkloadRecord } from './cluster-view.ts';
import { type Dialect, readDialects } from './dialects.ts';
import { chooseService } from './service-level.ts';

export type LevelName = 'pod' | 'workload' | 'service' | 'namespace';

/** The annotations of one object, with our prefix taken off. */
export interface Level {
  readonly name: LevelName;
  /** For people: `pod checkout-1`, `Deployment checkout`, `Namespace shop`. */
  readonly object: string;
  /** As they stand on the object. */
  readonly annotations: LabelSet;
  /** Our keys, and under them what the enabled dialects say in our words. */
  readonly values: ReadonlyMap<string, FoundValue>;
}

export interface FoundValue {
  readonly value: string;
  /** The annotation that said it, with its prefix. */
  readonly annotation: string;
  readonly dialect: Dialect | undefined;
}

/** A value and where it was read. */
export interface Annotation extends FoundValue {
  readonly level: Level;
}

/** The objects whose annotations speak for a pod. ReplicaSets are not among them: theirs are stale copies. */
export interface AnnotatedObjects {
  readonly pod: PodRecord;
  readonly workload: WorkloadRecord;
  /** The annotated Services that select the pod, by name. */
  readonly services: readonly PodService[];
  readonly namespace: ObjectRecord | undefined;
}

/** A key that no annotation has may be longer than this; in a message it is cut. */
const shownLength = 60;

/** The annotations that hold for one pod: each key is read from the nearest level that has it. */
export class Annotations {
  /** Nearest first: the pod, its workload, a Service, its Namespace. */
  readonly levels: readonly Level[];
  /** The Service whose annotations count, if any selects the pod. */
  readonly service: PodService | undefined;
  /** What is doubtful about who speaks for the pod. */
  readonly warnings: readonly string[];

  constructor({ pod, workload, services, namespace }: AnnotatedObjects, enabled: readonly Dialect[]) {
    const { chosen, warning } = chooseService(
      services,
      (annotations) => valuesOf(annotations, enabled).get('scrape')?.value,
    );
    this.service = chosen;
    this.warnings = warning === undefined ? [] : [warning];
    this.levels = [
      levelOf('pod', `pod ${pod.name}`, pod, enabled),
      levelOf(
        'workload',
        `${workload.kind} ${workload.name}`,
        workload.kind === 'Pod' ? undefined : workload.object,
        enabled,
      ),
      ...(chosen ? [levelOf('service', `Service ${chosen.service.name}`, chosen.service, enabled)] : []),
      levelOf('namespace', `Namespace ${pod.namespace}`, namespace, enabled),
    ];
  }

  /** The value of a key of the contract. */
  get(key: AnnotationKey): Annotation | undefined {
    return this.#read(key);
  }

  /** The value of a key of one kind, such as `heap.interval`. */
  ofKind(kind: string, key: (typeof kindKeys)[number]): Annotation | undefined {
    return this.#read(`${kind}.${key}`);
  }

  /** A warning for every key under our prefix that nothing reads. `kinds` are those that are scraped. */
  unknownKeys(kinds: readonly string[]): string[] {
    return this.levels.flatMap((level) =>
      [...level.values].flatMap(([key, { dialect }]) => {
        const problem = dialect === undefined ? unknownKey(key, kinds) : undefined;
        return problem === undefined ? [] : [`${annotationPrefix}${shown(key)} on ${level.object} ${problem}`];
      }),
    );
  }

  #read(key: string): Annotation | undefined {
    for (const level of this.levels) {
      const found = level.values.get(key);
      if (found) return { ...found, level };
    }
    return undefined;
  }
}

/** A value as it may stand in a message: quoted, control characters escaped, cut. */
export function shown(text: string): string {
  const cut = text.length > shownLength ? `${text.slice(0, shownLength)}…` : text;
  return JSON.stringify(cut).slice(1, -1);
}

/** How a message names an annotation: `flameherd.dev/port="abc" on Deployment checkout`. */
export function named({ annotation, value, level }: Annotation): string {
  return `${annotation}="${shown(value)}" on ${level.object}`;
}

const noValues: ReadonlyMap<string, FoundValue> = new Map();

function levelOf(
  name: LevelName,
  object: string,
  record: ObjectRecord | undefined,
  enabled: readonly Dialect[],
): Level {
  const annotations = record?.annotations ?? {};
  return { name, object, annotations, values: valuesOf(annotations, enabled) };
}

function valuesOf(annotations: LabelSet, enabled: readonly Dialect[]): ReadonlyMap<string, FoundValue> {
  const values = new Map<string, FoundValue>();
  if (enabled.length > 0) for (const [key, said] of readDialects(annotations, enabled)) values.set(key, said);
  for (const [annotation, value] of Object.entries(annotations)) {
    if (!annotation.startsWith(annotationPrefix)) continue;
    values.set(annotation.slice(annotationPrefix.length), { value, annotation, dialect: undefined });
  }
  return values.size > 0 ? values : noValues;
}

function unknownKey(key: string, kinds: readonly string[]): string | undefined {
  if ((annotationKeys as readonly string[]).includes(key)) return undefined;
  const dot = key.lastIndexOf('.');
  const kind = key.slice(0, dot);
  if (dot > 0 && (kindKeys as readonly string[]).includes(key.slice(dot + 1))) {
    return kinds.includes(kind)
      ? undefined
      : `has no effect: "${shown(kind)}" is not in profiles (${kinds.join(', ')})`;
  }
  if (key === 'container') return 'is unknown: name the container in the port, as in flameherd.dev/port=app:6060';
  const meant = suggestKey(key);
  return meant
    ? `is unknown: did you mean ${annotationPrefix}${meant}?`
    : `is unknown: the keys are ${annotationKeys.join(', ')} and <kind>.{${kindKeys.join(',')}}`;
}
