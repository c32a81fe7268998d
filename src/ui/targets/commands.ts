import type { TargetEntry } from '../api/answers.ts';

type ScrapeEntry = TargetEntry['scrapes'][number];

/**
 * Fetches the profile by hand, from where a reader sits: what listens in a cluster is reached by `kubectl port-forward`, the rest
 * by its address.
 */
export function fetchCommand({ discoverer, labels }: TargetEntry, { kind, url, seconds }: ScrapeEntry): string {
  const asked = new URL(url);
  if (seconds !== null) asked.searchParams.set('seconds', String(seconds));
  const file = shellWord(`${labels['workload'] ?? 'profile'}-${kind}.pb.gz`);
  if (discoverer !== 'kubernetes') return `curl -fsS -o ${file} ${shellWord(asked.href)}`;
  const port = asked.port || (asked.protocol === 'https:' ? '443' : '80');
  const local = `${asked.protocol}//127.0.0.1:6060${asked.pathname}${asked.search}`;
  const insecure = asked.protocol === 'https:' ? ' -k' : '';
  return [
    `kubectl -n ${shellWord(labels['namespace'] ?? '')} port-forward ${shellWord(`pod/${labels['pod']}`)} 6060:${port} &`,
    `sleep 2; curl -fsS${insecure} -o ${file} ${shellWord(local)}; kill $!`,
  ].join('\n');
}

/** Opts a workload in, or its pod where its workload is none that is watched. */
export function optInCommand(labels: Readonly<Record<string, string>>): string {
  const { namespace = '', workload_kind: kind = '', workload = '', pod = '' } = labels;
  const isWatched = /^(Deployment|StatefulSet|DaemonSet|CronJob|Job)$/.test(kind);
  const resource = isWatched ? `${kind.toLowerCase()}/${workload}` : `pod/${pod}`;
  return `kubectl -n ${shellWord(namespace)} annotate ${shellWord(resource)} flameherd.dev/scrape=true`;
}

/** As a shell reads it back: names of a cluster are harmless, those of a configuration need not be. */
export function shellWord(text: string): string {
  return /^[\w.:/@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
