import { formatDuration, parseDuration } from '../model/duration.ts';
import { type GrowthChoice, type TransportChoice, transports } from '../model/target.ts';
import { type Annotation, named } from './annotations.ts';
import type { Checked } from './path.ts';

/** Reads `scheme`: undefined when it is neither http nor https, which is no default but a target that does not resolve. */
export function readScheme(annotation: Annotation | undefined): 'http' | 'https' | undefined {
  const text = annotation?.value.trim().toLowerCase() ?? 'http';
  return text === 'http' || text === 'https' ? text : undefined;
}

export function readTransport(annotation: Annotation | undefined): Checked<TransportChoice> {
  if (!annotation) return { value: 'auto', warning: undefined };
  const text = annotation.value.trim().toLowerCase();
  const found = transports.find((name) => name === text);
  if (found) return { value: found, warning: undefined };
  return { value: 'auto', warning: `${named(annotation)} is none of ${transports.join(', ')}: used auto` };
}

/** Reads `growth`: `off`, `on`, or `min-age=8h`. */
export function readGrowth(annotation: Annotation | undefined): Checked<GrowthChoice | undefined> {
  if (!annotation) return { value: undefined, warning: undefined };
  const text = annotation.value.trim().toLowerCase();
  if (text === 'off') return { value: { kind: 'off' }, warning: undefined };
  if (text === 'on') return { value: { kind: 'on', minAgeMs: undefined }, warning: undefined };
  const minAgeMs = text.startsWith('min-age=') ? parseDuration(text.slice('min-age='.length)) : undefined;
  if (minAgeMs !== undefined) return { value: { kind: 'on', minAgeMs }, warning: undefined };
  return {
    value: undefined,
    warning: `${named(annotation)} is neither off nor min-age=${formatDuration(28_800_000)}: used on`,
  };
}
