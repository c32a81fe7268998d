import type { TargetEntry } from '../api/answers.ts';
import type { Parameters } from '../state/href.ts';
import { type Standing, standingOf, standings } from './standing.ts';

/** Filters of the URL that name a label exactly, as those of `/api/v1/targets` do. */
export const labelFilters = [
  'namespace',
  'workload',
  'workload_kind',
  'container',
  'service_name',
  'pod',
  'node',
  'revision',
] as const;

/** Whether a target is meant by the labels and the text of the URL; how it stands is asked apart, for the counts. */
export function labelFilter(parameters: Parameters): (target: TargetEntry) => boolean {
  const wanted = labelFilters.flatMap((name) => (parameters[name] ? [[name, parameters[name]] as const] : []));
  const words = (parameters['search'] ?? '').toLowerCase().split(/\s+/).filter(Boolean);
  return (target) =>
    wanted.every(([name, value]) => target.labels[name] === value) &&
    (words.length === 0 || hasAll(textOf(target), words));
}

/** The standing that the URL asks for by `health` (of active ones) or `state`; undefined asks for all. */
export function wantedStanding({ health, state }: Parameters): Standing | 'active' | undefined {
  if (state === 'active' && !health) return 'active';
  return standings.find((standing) => standing === (health || state));
}

/** The parameters that ask for a standing. */
export function standingParameters(standing: Standing | undefined): Parameters {
  const isHealth = standing === 'up' || standing === 'down' || standing === 'unknown';
  return { health: isHealth ? standing : undefined, state: isHealth ? undefined : standing };
}

export function hasStanding(target: TargetEntry, wanted: Standing | 'active' | undefined): boolean {
  if (wanted === undefined) return true;
  return wanted === 'active' ? target.state === 'active' : standingOf(target) === wanted;
}

function hasAll(text: string, words: readonly string[]): boolean {
  return words.every((word) => text.includes(word));
}

/** Texts of targets, which thousands of letters are compared with while somebody types. */
const texts = new WeakMap<TargetEntry, string>();

function textOf(target: TargetEntry): string {
  const known = texts.get(target);
  if (known !== undefined) return known;
  const text = writeText(target);
  texts.set(target, text);
  return text;
}

function writeText({ labels, reason, transport, transportReason, warnings, source, scrapes }: TargetEntry): string {
  return [
    ...Object.values(labels),
    source,
    reason,
    transport ?? '',
    transportReason,
    ...warnings,
    ...scrapes.flatMap(({ url, lastError }) => [url, lastError]),
  ]
    .join('\n')
    .toLowerCase();
}
