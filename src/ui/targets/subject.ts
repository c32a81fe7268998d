import { workloadKind } from '../../model/workload-kinds.ts';
import { hrefOf } from '../state/href.ts';

/** Who is asked about: a pod, or a workload by kind and name. */
export type Subject =
  | { readonly namespace: string; readonly pod: string }
  | { readonly namespace: string; readonly kind: string; readonly workload: string };

/** `NAMESPACE/POD` or `NAMESPACE/KIND/WORKLOAD`, the kind also as kubectl shortens it; undefined when it is neither. */
export function readSubject(text: string | undefined): Subject | undefined {
  const [namespace, first, second, ...rest] = (text ?? '').split('/').map((part) => part.trim());
  if (!namespace || !first || rest.length > 0) return undefined;
  if (second === undefined) return { namespace, pod: first };
  if (second === '') return undefined;
  if (/^pods?$/i.test(first)) return { namespace, pod: second };
  return { namespace, kind: workloadKind(first), workload: second };
}

export function explainUrl(subject: Subject): string {
  return hrefOf('/api/v1/explain', { ...subject });
}
