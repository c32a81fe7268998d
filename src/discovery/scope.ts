import type { ContainerRecord, PodRecord } from '../kubernetes/records.ts';
import type { LabelSet } from '../model/labels.ts';
import type { DiscoveryRules } from './rules.ts';

/** What the configuration, an operator or the pod's own state says against a target: a sentence, or undefined. */

/**
 * `discovery.namespaces`: excluded beats included, and both beat annotations. Other namespaces are not named: who asks may not be
 * one who may know of them.
 */
export function namespaceRefusal(
  namespace: string,
  { namespaces: { include, exclude } }: DiscoveryRules,
): string | undefined {
  if (exclude.includes(namespace)) return `discovery.namespaces.exclude names ${namespace}`;
  if (include.length === 0 || include.includes(namespace)) return undefined;
  return `discovery.namespaces.include does not name ${namespace}`;
}

/** `discovery.deny`: matchers on the target's own labels. */
export function denial(labels: LabelSet, { deny }: DiscoveryRules): string | undefined {
  const rule = deny.find(({ matches }) => matches(labels));
  return rule && `discovery.deny has ${rule.text}`;
}

/** Whether the pod as a whole can be asked. Not being Ready is no obstacle: a pod in trouble is the one to look at. */
export function podRefusal({ phase, ip, deletionMs }: PodRecord): string | undefined {
  if (phase === 'Succeeded' || phase === 'Failed') return `the pod has ended (${phase})`;
  if (ip === '')
    return `the pod has no IP${phase ? ` (${phase})` : ''}${deletionMs === undefined ? '' : ', it is being deleted'}`;
  return undefined;
}

export function containerRefusal({ name, running, waiting, finishedMs }: ContainerRecord): string | undefined {
  if (running) return undefined;
  if (waiting) return `container ${name} waits: ${waiting}`;
  return `container ${name} ${finishedMs === undefined ? 'does not run yet' : 'has finished'}`;
}

/** A hostNetwork pod shares its node's ports: asking an undeclared one would ask the node. */
export function hostNetworkRefusal(pod: PodRecord, declared: boolean, rules: DiscoveryRules): string | undefined {
  if (!pod.hostNetwork) return undefined;
  if (!rules.allowHostNetwork) return 'the pod uses hostNetwork, which discovery.allowHostNetwork does not allow';
  return declared ? undefined : 'the pod uses hostNetwork: only declared ports are asked';
}
