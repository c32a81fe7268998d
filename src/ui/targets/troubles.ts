import type { TargetEntry } from '../api/answers.ts';

type ScrapeEntry = TargetEntry['scrapes'][number];

/** What failed, told once for all kinds and pods that it is the same for. */
export interface Trouble {
  readonly kinds: readonly string[];
  readonly pods: readonly string[];
  /** What was asked and what came, with what the target said, cut. */
  readonly message: string;
  /** What to do about it; '' where that stands in the message. */
  readonly advice: string;
}

/** What is wrong with these sources, the most frequent first. What a process does not offer is no trouble while it offers others. */
export function troublesOf(targets: readonly TargetEntry[]): Trouble[] {
  const failed = targets.flatMap((target) =>
    target.scrapes
      .filter(({ health, lastError }) => health === 'down' && lastError !== '')
      .map((scrape) => ({ scrape, pod: target.labels['pod'] ?? target.source })),
  );
  const groups = [...Map.groupBy(failed, ({ scrape }) => alike(scrape)).values()];
  return groups.sort((a, b) => b.length - a.length).flatMap(troubleOf);
}

/** Why sources wait: each reason once, though it names the pod. */
export function reasonsOf(targets: readonly TargetEntry[]): string[] {
  const told = new Map<string, string>();
  for (const { labels, reason } of targets) {
    const alike = labels['pod'] ? reason.replaceAll(labels['pod'], '*') : reason;
    if (!told.has(alike)) told.set(alike, reason);
  }
  return [...told.values()];
}

function troubleOf(group: readonly { readonly scrape: ScrapeEntry; readonly pod: string }[]): Trouble[] {
  const [first] = group;
  if (!first) return [];
  const kinds = [...new Set(group.map(({ scrape }) => scrape.kind))];
  const pods = [...new Set(group.map(({ pod }) => pod))];
  const [line = '', ...advice] = first.scrape.lastError.split('\n');
  const message = kinds.length > 1 ? withoutPath(line, first.scrape) : line;
  return [{ kinds, pods, message, advice: advice.join('\n') }];
}

/** The same for scrapes in the same trouble: without the path of the kind, the address of the pod, and what to do. */
function alike(scrape: ScrapeEntry): string {
  const { host, hostname } = new URL(scrape.url);
  const [line = ''] = scrape.lastError.split('\n');
  return withoutPath(line, scrape).replaceAll(host, '*').replaceAll(hostname, '*');
}

/** `404 on /debug/pprof/heap` → `404 on /debug/pprof/…` */
function withoutPath(text: string, { url }: ScrapeEntry): string {
  const { pathname } = new URL(url);
  const folder = pathname.slice(0, pathname.lastIndexOf('/') + 1);
  return text
    .split(pathname)
    .map((part, index) => (index === 0 ? part : `${folder}…${part.replace(/^\?[^\s:]*/, '')}`))
    .join('');
}
