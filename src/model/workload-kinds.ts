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

/** A kind of workload as kubectl writes and shortens it (`deploy`, `sts`, `jobs`), as the API has it; another one as it is. */
export function workloadKind(text: string): string {
  const kind = text.toLowerCase();
  return kinds[kind] ?? kinds[kind.replace(/s$/, '')] ?? text;
}
