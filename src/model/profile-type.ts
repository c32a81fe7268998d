/**
 * What a profile measures. A *kind* is what is scraped in one request (`heap`); it holds several *sample types*
 * (`alloc_space`, `inuse_space`, …), and kind + sample type + period type name a *profile type*, written as the field
 * writes it: `memory:inuse_space:bytes:space:bytes`.
 */

/** A well-known kind, or the last path segment of a custom endpoint. */
export type ProfileKind = string;

export const knownKinds = ['cpu', 'heap', 'goroutine', 'block', 'mutex', 'threadcreate', 'goroutineleak'] as const;

/** A type and its unit, as in pprof's `ValueType`. */
export interface ValueType {
  readonly type: string;
  readonly unit: string;
}

/** Whether two are one type; their temporality, if they have one, follows from that. */
export function sameType(a: ValueType, b: ValueType): boolean {
  return a.type === b.type && a.unit === b.unit;
}

export interface ProfileType {
  /** `process_cpu`, `memory`, or the kind itself. */
  readonly name: string;
  readonly sampleType: string;
  readonly sampleUnit: string;
  readonly periodType: string;
  readonly periodUnit: string;
}

/**
 * How values of a sample type behave (DESIGN §6):
 * `gauge` is a level at one moment, averaged over time; `cumulative` counts since the process started and is stored as
 * increases; `delta` covers the profile's own window and is summed as it is.
 */
export type Temporality = 'gauge' | 'cumulative' | 'delta';

const nameOfKind: Readonly<Record<string, string>> = { cpu: 'process_cpu', heap: 'memory' };
const kindOfName: Readonly<Record<string, string>> = { process_cpu: 'cpu', memory: 'heap' };

/** Short names that people type, and the profile type each stands for. */
export const profileTypeAliases: Readonly<Record<string, string>> = {
  cpu: 'process_cpu:cpu:nanoseconds:cpu:nanoseconds',
  samples: 'process_cpu:samples:count:cpu:nanoseconds',
  heap: 'memory:inuse_space:bytes:space:bytes',
  inuse_objects: 'memory:inuse_objects:count:space:bytes',
  allocs: 'memory:alloc_space:bytes:space:bytes',
  alloc_objects: 'memory:alloc_objects:count:space:bytes',
  goroutine: 'goroutine:goroutine:count:goroutine:count',
  block: 'block:delay:nanoseconds:contentions:count',
  block_count: 'block:contentions:count:contentions:count',
  mutex: 'mutex:delay:nanoseconds:contentions:count',
  mutex_count: 'mutex:contentions:count:contentions:count',
};

/** The kind whose profiles hold this type. */
export function kindOfProfileType(type: ProfileType): ProfileKind {
  return kindOfName[type.name] ?? type.name;
}

/** The profile type of one sample type of a scraped profile. A profile without a period type gets the sample type's. */
export function profileTypeOf(kind: ProfileKind, sample: ValueType, period: ValueType | undefined): ProfileType {
  const { type: periodType, unit: periodUnit } = period?.type ? period : sample;
  return {
    name: nameOfKind[kind] ?? kind,
    sampleType: sample.type,
    sampleUnit: sample.unit,
    periodType,
    periodUnit,
  };
}

export function formatProfileType(type: ProfileType): string {
  return [type.name, type.sampleType, type.sampleUnit, type.periodType, type.periodUnit].join(':');
}

/** Reads an alias or the five parts joined by `:`; undefined when it is neither. Some profilers leave their types without names. */
export function parseProfileType(text: string): ProfileType | undefined {
  const full = Object.hasOwn(profileTypeAliases, text) ? profileTypeAliases[text] : text;
  const parts = full?.split(':') ?? [];
  const [name, sampleType = '', sampleUnit = '', periodType = '', periodUnit = ''] = parts;
  if (parts.length !== 5 || !name) return undefined;
  return { name, sampleType, sampleUnit, periodType, periodUnit };
}

const gaugeTypes = new Set(['inuse_objects', 'inuse_space', 'goroutine', 'goroutineleak', 'threadcreate']);
const cumulativeTypes = new Set(['alloc_objects', 'alloc_space', 'contentions', 'delay']);

/**
 * How a sample type behaves. `durationNanos` above 0 says that the profile covers a window of its own, which decides for
 * custom types that no rule names: with a window they are `delta`, without one `gauge`.
 */
export function temporalityOf(kind: ProfileKind, sample: ValueType, durationNanos: bigint | number): Temporality {
  if (kind === 'cpu' || kind.startsWith('delta_') || sample.type.startsWith('delta_')) return 'delta';
  if (gaugeTypes.has(sample.type)) return 'gauge';
  if (cumulativeTypes.has(sample.type)) return 'cumulative';
  return durationNanos > 0 ? 'delta' : 'gauge';
}

/**
 * The field's name for a sample type that some runtimes name otherwise: Node.js calls samples `sample`, and its heap
 * profile's `objects` and `space` are what is in use.
 */
export function normaliseSampleType(kind: ProfileKind, sample: ValueType): ValueType {
  if (sample.type === 'sample' && sample.unit === 'count') return { type: 'samples', unit: 'count' };
  if (kind === 'heap' && sample.type === 'objects') return { type: 'inuse_objects', unit: sample.unit };
  if (kind === 'heap' && sample.type === 'space') return { type: 'inuse_space', unit: sample.unit };
  return sample;
}

/** The kind of a profile that comes without one (an upload), by the sample types that only this kind has. */
export function inferKind(sampleTypes: readonly ValueType[], period: ValueType | undefined): ProfileKind | undefined {
  const types = new Set(sampleTypes.map(({ type }) => type));
  if (types.has('cpu') || period?.type === 'cpu' || types.has('wall')) return 'cpu';
  if (types.has('inuse_space') || types.has('alloc_space') || types.has('space')) return 'heap';
  if (types.has('goroutine')) return 'goroutine';
  if (types.has('threadcreate')) return 'threadcreate';
  return undefined;
}
