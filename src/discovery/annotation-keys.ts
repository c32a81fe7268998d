import { editDistance } from '../model/near.ts';

/** The prefix of our annotations. */
export const annotationPrefix = 'flameherd.dev/';

/** Every key of the contract, after the prefix; `docs/ANNOTATIONS.md` has a line for each. */
export const annotationKeys = [
  'scrape',
  'port',
  'path',
  'scheme',
  'profiles',
  'interval',
  'cpu-seconds',
  'transport',
  'service',
  'growth',
] as const;
export type AnnotationKey = (typeof annotationKeys)[number];

/** What can be said of one kind: `<kind>.path` and so on. */
export const kindKeys = ['path', 'port', 'interval', 'scrape'] as const;

/** The key that was probably meant: at most two letters off, or a word that people use for it; undefined when none is near. */
export function suggestKey(key: string): AnnotationKey | undefined {
  const wanted = key.toLowerCase();
  const synonym = synonyms[wanted];
  if (synonym) return synonym;
  const near = annotationKeys.map((known) => ({ known, distance: editDistance(wanted, known) }));
  const best = near.reduce((a, b) => (b.distance < a.distance ? b : a));
  return best.distance <= Math.min(2, Math.floor(best.known.length / 2)) ? best.known : undefined;
}

const synonyms: Readonly<Record<string, AnnotationKey>> = {
  container: 'port',
  ports: 'port',
  enable: 'scrape',
  enabled: 'scrape',
  profile: 'profiles',
  kinds: 'profiles',
  types: 'profiles',
  seconds: 'cpu-seconds',
  'service-name': 'service',
  service_name: 'service',
};
