import { editDistance } from '../model/near.ts';
import { type ClusterView, watchedWorkloads } from './cluster-view.ts';
import type { ExplainSubject, Explanation } from './discoverer.ts';

/** Names that are offered in place of one that does not exist. */
const maxNearby = 5;

/** The explanation of something that is not there: what exists nearby, in these namespaces where they are given. */
export function notFound(subject: ExplainSubject, view: ClusterView, namespaces?: ReadonlySet<string>): Explanation {
  const { namespace } = subject;
  const kind = 'pod' in subject ? 'pod' : subject.workloadKind;
  const name = 'pod' in subject ? subject.pod : subject.workload;
  const near = nearby(namespace, name, view, namespaces);
  const known = new Set(view.namespaces());
  const noNamespace = known.size > 0 && !known.has(namespace);
  return {
    subject: `${kind} ${namespace}/${name}`,
    verdict: 'not found',
    because: noNamespace ? `there is no namespace ${namespace}` : `there is no ${kind} ${name} in ${namespace}`,
    rules: [],
    nearMisses: near,
    hint: near.length > 0 ? 'ask for one of those' : `kubectl -n ${namespace} get pods`,
    sources: [],
  };
}

/** Workloads and pods of a like name in this namespace, and of the same name in others; the likest first. */
function nearby(
  namespace: string,
  name: string,
  view: ClusterView,
  namespaces: ReadonlySet<string> | undefined,
): string[] {
  const found: { text: string; distance: number }[] = [];
  const offer = (kind: string, there: string, candidate: string) => {
    if (namespaces?.has(there) === false) return;
    const distance = likeness(name, candidate) + (there === namespace ? 0 : 1);
    if (there === namespace ? distance <= 3 : candidate === name)
      found.push({ text: `${kind} ${there}/${candidate}`, distance });
  };
  for (const kind of watchedWorkloads) {
    for (const object of view.workloads(kind)) offer(kind, object.namespace, object.name);
  }
  for (const pod of view.pods()) offer('pod', pod.namespace, pod.name);
  return found
    .sort((a, b) => a.distance - b.distance || (a.text < b.text ? -1 : 1))
    .slice(0, maxNearby)
    .map(({ text }) => text);
}

function likeness(wanted: string, candidate: string): number {
  if (candidate === wanted) return 0;
  if (candidate.startsWith(`${wanted}-`) || wanted.startsWith(`${candidate}-`)) return 2;
  return Math.abs(wanted.length - candidate.length) > 3 ? Infinity : editDistance(wanted, candidate);
}
