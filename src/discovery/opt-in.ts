import { type Annotation, type Annotations, named } from './annotations.ts';
import { type Dialect, dialectOptIn } from './dialects.ts';
import { parseSwitch } from './switch.ts';

/** What the nearest `scrape` says. */
export type OptIn =
  | { readonly kind: 'in'; readonly annotation: Annotation }
  | { readonly kind: 'out'; readonly annotation: Annotation; readonly warning: string | undefined }
  /** Nobody said anything in our words; another profiler's annotation may make it a candidate. */
  | { readonly kind: 'none'; readonly candidate: Candidate | undefined };

export interface Candidate {
  readonly dialect: Dialect;
  /** `profiles.grafana.com/cpu.scrape="true" on pod checkout-1` */
  readonly said: string;
}

/** Whether the pod is opted in: the nearest level that has `scrape` decides, and what cannot be read is a no there. */
export function readOptIn(annotations: Annotations): OptIn {
  const annotation = annotations.get('scrape');
  if (!annotation) return { kind: 'none', candidate: candidateOf(annotations) };
  const said = parseSwitch(annotation.value);
  if (said === true) return { kind: 'in', annotation };
  const warning = said === false ? undefined : `${named(annotation)} is neither true nor false: it counts as false`;
  return { kind: 'out', annotation, warning };
}

function candidateOf(annotations: Annotations): Candidate | undefined {
  for (const level of annotations.levels) {
    const found = dialectOptIn(level.annotations);
    if (found?.dialect) return { dialect: found.dialect, said: named({ ...found, level }) };
  }
  return undefined;
}
