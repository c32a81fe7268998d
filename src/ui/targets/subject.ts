import { hrefOf } from '../state/href.ts';

/** Who is asked about: a pod, or a workload by kind and name. */
export type Subject =
  | { readonly namespace: string; readonly pod: string }
  | { readonly namespace: string; readonly kind: string; readonly workload: string };

const kinds: Readonly<Record<string, string>> = {
  deployment: 'Deployment',
  deploy: 'Deployment',
  statefulset: 'StatefulSet',
  sts: 'StatefulSet',
  daemonset: 'DaemonSet',
  ds: 'DaemonSet',
  cronjob: 'CronJob',
  cj: 'CronJob',
  job: 'Job',
};

/** `NAMESPACE/POD` or `NAMESPACE/KIND/WORKLOAD`, the kind also as kubectl shortens it; undefined when it is neither. */
export function readSubject(text: string | undefined): Subject | undefined {
  const [namespace, first, second, ...rest] = (text ?? '').split('/').map((part) => part.trim());
  if (!namespace || !first || rest.length > 0) return undefined;
  if (second === undefined) return { namespace, pod: first };
  if (second === '') return undefined;
  if (/^pods?$/i.test(first)) return { namespace, pod: second };
  const kind = first.toLowerCase();
  return { namespace, kind: kinds[kind] ?? kinds[kind.replace(/s$/, '')] ?? first, workload: second };
}

export function explainUrl(subject: Subject): string {
  return hrefOf('/api/v1/explain', { ...subject });
}
