import type { Resource } from './resource.ts';

/** One right on one resource, in one namespace or (undefined) in all of them. */
export interface Right {
  readonly resource: Resource;
  readonly verbs: readonly string[];
  readonly namespace?: string | undefined;
  /** `portforward`, `proxy` … */
  readonly subresource?: string | undefined;
}

/** The rule that grants a right, as YAML to paste under `rules:`. */
export function rbacRule({ resource, verbs, subresource }: Right): string {
  const plural = subresource === undefined ? resource.plural : `${resource.plural}/${subresource}`;
  const quoted = (words: readonly string[]) => words.map((word) => `"${word}"`).join(', ');
  return [
    `- apiGroups: [${quoted([resource.group])}]`,
    `  resources: [${quoted([plural])}]`,
    `  verbs: [${quoted(verbs)}]`,
  ].join('\n');
}

/** What to do about a missing right. */
export function grantHint(right: Right): string {
  const where = right.namespace === undefined ? 'the ClusterRole' : `the Role in namespace ${right.namespace}`;
  return `add this rule to ${where} of flameherd's ServiceAccount:\n${rbacRule(right)}`;
}
