import { type AuthEvents, refusalReasons, reviewKinds, reviewResults } from '../auth/auth-events.ts';
import type { MetricsRegistry } from '../observe/metrics.ts';

/** A thing with a bound, and how full it is. */
export interface Fullness {
  readonly name: string;
  readonly entries: number;
  readonly limit: number;
}

export interface AuthNumbers {
  readonly caches: readonly Fullness[];
  readonly lanes: readonly Fullness[];
  readonly namespaces: number;
}

const quick = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5] as const;

/** Registers what is told of who calls; answers what counts it. */
export function registerAuthMetrics(registry: MetricsRegistry, read: () => AuthNumbers | undefined): AuthEvents {
  const reviews = registry.counter(
    'flameherd_auth_reviews_total',
    'Questions to the API server: `token`, whose one is, and `access`, what somebody may do; `failed`: it did not say.',
    ['kind', 'result'],
  );
  const seconds = registry.histogram('flameherd_auth_review_seconds', 'Time to its answer.', ['kind'], quick);
  const refusals = registry.counter(
    'flameherd_auth_refusals_total',
    'Requests of which was not told who sends them, or what they may: `no_credentials`, `bad_credentials`, `not_the_proxy`, `reserved_name` (401), `unavailable` (503), `busy` (429).',
    ['reason'],
  );
  for (const kind of reviewKinds) for (const result of reviewResults) reviews.add({ kind, result }, 0);
  for (const reason of refusalReasons) refusals.add({ reason }, 0);
  registerBounds(registry, read);
  return {
    reviewed(kind, result, tookMs) {
      reviews.add({ kind, result });
      seconds.observe({ kind }, tookMs / 1000);
    },
    refused: (reason) => refusals.add({ reason }),
  };
}

function registerBounds(registry: MetricsRegistry, read: () => AuthNumbers | undefined): void {
  const caches = (of: (cache: Fullness) => number) => () =>
    (read()?.caches ?? []).map((cache) => ({ labels: { cache: cache.name }, value: of(cache) }));
  const lanes = (of: (lane: Fullness) => number) => () =>
    (read()?.lanes ?? []).map((lane) => ({ labels: { lane: lane.name }, value: of(lane) }));
  registry.gauge(
    'flameherd_auth_cache_entries',
    'Answers of the API server that are remembered: good tokens, refused ones, and what users may do.',
    ['cache'],
    caches(({ entries }) => entries),
  );
  registry.gauge(
    'flameherd_auth_cache_limit',
    'The most that are remembered; the longest unused makes room.',
    ['cache'],
    caches(({ limit }) => limit),
  );
  registry.gauge(
    'flameherd_auth_reviews_in_flight',
    'Questions to the API server that are under way: of tokens that are new, of tokens that were good before, and what users may do.',
    ['lane'],
    lanes(({ entries }) => entries),
  );
  registry.gauge(
    'flameherd_auth_reviews_in_flight_limit',
    'The most at the same time; more wait, and then are `busy`.',
    ['lane'],
    lanes(({ limit }) => limit),
  );
  registry.gauge(
    'flameherd_auth_namespaces',
    'Namespaces that callers are asked about: all of which anything is known.',
    [],
    () => {
      const numbers = read();
      return numbers ? [{ labels: {}, value: numbers.namespaces }] : [];
    },
  );
}
