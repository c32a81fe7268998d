import type { LabelSet } from '../model/labels.ts';
import type { Interner } from './interner.ts';

/** Annotations with these prefixes are an opt-in: our own, or that of another profiler. */
export const annotationPrefixes = [
  'flameherd.dev/',
  'profiles.grafana.com/',
  'pyroscope.io/',
  'profefe.com/',
  'coroot.com/',
] as const;

const annotationKeys: ReadonlySet<string> = new Set([
  'resource.opentelemetry.io/service.name',
  'kubectl.kubernetes.io/default-container',
  'deployment.kubernetes.io/revision',
]);

/** `flameherd.dev/` is no label of ours, but people set it as one: kept, so that `explain` can say so. */
const labelPrefixes = ['flameherd.dev/', 'app.kubernetes.io/'] as const;

const labelKeys: ReadonlySet<string> = new Set([
  'app',
  'pod-template-hash',
  'rollouts-pod-template-hash',
  'controller-revision-hash',
  'batch.kubernetes.io/job-name',
  'topology.kubernetes.io/zone',
]);

/** No value that we read is near this; a longer one is cut, so that one annotation cannot cost 256 KiB in each record. */
const maxValueLength = 1024;
const maxKept = 64;

/** The annotations that decide about a target; all else, such as a last-applied configuration, is dropped. */
export function keptAnnotations(all: LabelSet | undefined, interner: Interner): LabelSet {
  return kept(all, interner, (key) => annotationKeys.has(key) || startsWithAny(key, annotationPrefixes));
}

/** The labels that name a workload or a revision, and those named in `discovery.podLabels`. */
export function keptLabels(all: LabelSet | undefined, extra: ReadonlySet<string>, interner: Interner): LabelSet {
  return kept(all, interner, (key) => labelKeys.has(key) || extra.has(key) || startsWithAny(key, labelPrefixes));
}

const nothing: LabelSet = Object.freeze({});

function kept(all: LabelSet | undefined, interner: Interner, keeps: (key: string) => boolean): LabelSet {
  if (!all) return nothing;
  const keys = Object.keys(all).filter(keeps).slice(0, maxKept);
  if (keys.length === 0) return nothing;
  const entries = keys.map((key) => [interner.text(key), String(all[key]).slice(0, maxValueLength)]);
  return interner.object(Object.fromEntries(entries) as LabelSet);
}

function startsWithAny(key: string, prefixes: readonly string[]): boolean {
  return prefixes.some((prefix) => key.startsWith(prefix));
}
