import { type Daemon, eventually, startDaemon, temporaryFolder } from './daemon.ts';

/** What the API tells of a target, as far as it matters here. */
export interface TargetAnswer {
  readonly source: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly health: string;
  readonly state: string;
  readonly reason: string;
  readonly transport: string | null;
  readonly transportReason: string;
  readonly warnings: readonly string[];
  readonly scrapes: readonly {
    readonly kind: string;
    readonly url: string;
    readonly health: string;
    readonly lastScrapeMs: number | null;
    readonly lastError: string;
  }[];
}

export interface ProfileAnswer {
  readonly labels: Readonly<Record<string, string>>;
  readonly process: string;
  readonly timeMs: number;
  readonly spanMs: number;
}

/** A daemon, and questions to it. */
export interface Collector {
  readonly daemon: Pick<Daemon, 'url' | 'opsUrl' | 'getJson'> & { readonly log?: Daemon['log'] };
  targets(labels: Readonly<Record<string, string>>): Promise<readonly TargetAnswer[]>;
  /** Waits for the one target with these labels that passes. */
  targetThat(
    labels: Readonly<Record<string, string>>,
    passes: (target: TargetAnswer) => boolean,
    what: string,
    timeoutMs?: number,
  ): Promise<TargetAnswer>;
  /** Profiles of a query such as `heap{pod="a"}`, oldest first. */
  profiles(query: string): Promise<readonly ProfileAnswer[]>;
  /** The sum of the lines of a metric that have these labels; 0 when there is none. */
  metric(name: string, labels?: Readonly<Record<string, string>>): Promise<number>;
  problems(): Promise<readonly { readonly what: string; readonly hint: string }[]>;
  snap(
    parameters: Readonly<Record<string, string>>,
  ): Promise<{ status: number; transport: string; bytes: Buffer; text: string }>;
}

export interface CollectorOptions {
  readonly namespaces: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly flags?: readonly string[];
}

type Cleaner = { after(cleanUp: () => Promise<void>): void };

/** The real daemon as a process on this machine, looking at some namespaces of the cluster, every 10 s. */
export async function startCollector(t: Cleaner, options: CollectorOptions): Promise<Collector & { daemon: Daemon }> {
  const { namespaces, env = {}, flags = [] } = options;
  const folders: (() => Promise<void>)[] = [];
  const daemon = await startDaemon(
    await temporaryFolder({ after: (remove) => folders.push(remove) }),
    ['--kubernetes', '--force', '--no-self', '--interval', '10s', ...flags],
    {
      FLAMEHERD_DISCOVERY_NAMESPACES_INCLUDE: namespaces.join(','),
      FLAMEHERD_SCRAPE_CPU_SECONDS: '2',
      FLAMEHERD_SCRAPE_PROFILES: 'cpu,heap',
      ...env,
    },
  );
  // In this order: a folder in which files are made cannot be removed.
  t.after(async () => {
    await daemon.kill();
    for (const remove of folders) await remove();
  });
  daemon.process.once('exit', (code, signal) => {
    if (signal !== 'SIGKILL') console.error(`a collector ended with ${code ?? signal}`, daemon.log.slice(-5));
  });
  return { ...questionsTo(daemon), daemon };
}

/** The questions, to a daemon that was started elsewhere. */
export function questionsTo(daemon: Pick<Daemon, 'url' | 'opsUrl' | 'getJson'>): Collector {
  const targets: Collector['targets'] = async (labels) => {
    const query = new URLSearchParams(labels);
    return (await daemon.getJson<{ targets: readonly TargetAnswer[] }>(`/api/v1/targets?${query.toString()}`)).targets;
  };
  return {
    daemon,
    targets,
    async targetThat(labels, passes, what, timeoutMs = 45_000) {
      let seen: readonly TargetAnswer[] = [];
      try {
        return await eventually(
          async () => {
            seen = await targets(labels);
            const [target, ...others] = seen;
            return others.length === 0 && target !== undefined && passes(target) && target;
          },
          timeoutMs,
          `target ${what}`,
        );
      } catch (error) {
        throw new Error(`${JSON.stringify(labels)}: ${JSON.stringify(seen)}`, { cause: error });
      }
    },
    async profiles(query) {
      const { profiles } = await daemon.getJson<{ profiles: readonly ProfileAnswer[] }>(
        `/api/v1/profiles?limit=1000&query=${encodeURIComponent(query)}`,
      );
      return profiles.toSorted((a, b) => a.timeMs - b.timeMs);
    },
    async metric(name, labels = {}) {
      return sumOf(await (await fetch(`${daemon.opsUrl}/metrics`)).text(), name, labels);
    },
    problems: async () =>
      (await daemon.getJson<{ problems: readonly { what: string; hint: string }[] }>('/api/v1/status')).problems,
    async snap(parameters) {
      const url = `${daemon.url}/api/v1/snap?${new URLSearchParams(parameters).toString()}`;
      const response = await fetch(url, { method: 'POST' });
      const bytes = Buffer.from(await response.arrayBuffer());
      const transport = response.headers.get('x-flameherd-transport') ?? '';
      return { status: response.status, transport, bytes, text: bytes.toString() };
    },
  };
}

export const isUp = ({ health, scrapes }: TargetAnswer): boolean =>
  health === 'up' && scrapes.every((scrape) => scrape.health === 'up');
export const errorsOf = ({ scrapes }: TargetAnswer): string => scrapes.map(({ lastError }) => lastError).join('\n');

function sumOf(text: string, name: string, labels: Readonly<Record<string, string>>): number {
  let sum = 0;
  for (const line of text.split('\n')) {
    const [, metric, pairs = '', value] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
    if (metric !== name) continue;
    if (Object.entries(labels).every(([key, wanted]) => `,${pairs}`.includes(`,${key}="${wanted}"`)))
      sum += Number(value);
  }
  return sum;
}
