import type { LabelSet } from './labels.ts';

/** A label of a Kubernetes object that must have a certain value. */
export interface LabelRequirement {
  readonly key: string;
  readonly value: string;
}

const name = /^[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$/;
const prefix = /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/;

/** Reads `KEY=VALUE`; undefined when it is none that Kubernetes would take. */
export function parseLabelRequirement(text: string): LabelRequirement | undefined {
  const [key = '', value = '', more] = text.split('=');
  const [last = '', domain, tooMany] = key.split('/').reverse();
  if (more !== undefined || tooMany !== undefined || !name.test(last) || !name.test(value)) return undefined;
  return domain === undefined || prefix.test(domain) ? { key, value } : undefined;
}

export function meets({ key, value }: LabelRequirement, labels: LabelSet): boolean {
  return Object.hasOwn(labels, key) && labels[key] === value;
}
