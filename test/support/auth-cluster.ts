import { openAuthenticator } from '../../src/app/auth.ts';
import type { Authenticator, Caller } from '../../src/auth/caller.ts';
import { configOf } from '../../src/config/load.ts';
import { openKubernetes } from '../../src/kubernetes/client.ts';
import { type DurationMs, minute } from '../../src/model/units.ts';
import { silentLogger } from '../../src/observe/logger.ts';
import { createMetrics } from '../../src/observe/metrics.ts';
import { type FakeApiServer, startFakeApiServer } from './fake-api-server.ts';
import { parseMetrics } from './metrics-page.ts';

export interface AuthOfCluster {
  readonly api: FakeApiServer;
  readonly authenticator: Authenticator;
  /** May be turned; reviews take no time by it. */
  readonly clock: { ms: number };
  /** Those that are known; may be added to. */
  readonly namespaces: Set<string>;
  /** How often the API server forbade a review. */
  readonly forbidden: () => number;
  /** By a token alone. */
  readonly caller: (token: string | undefined) => Promise<Caller>;
  /** Reviews that were asked so far. */
  readonly reviews: (kind: 'TokenReview' | 'SubjectAccessReview') => number;
  readonly metric: (name: string, labels?: Readonly<Record<string, string>>) => Promise<number>;
}

type Cleaner = { after(cleanUp: () => Promise<void>): void };

/** What a daemon with this `auth` section asks of an API server made for tests. */
export async function authOfCluster(
  t: Cleaner,
  auth: object = { mode: 'kubernetes' },
  reviewTimeoutMs: DurationMs = minute,
): Promise<AuthOfCluster> {
  const api = await startFakeApiServer();
  const client = await openKubernetes({ kubeconfig: api.kubeconfig() });
  t.after(async () => {
    await client.close();
    await api.close();
  });
  const clock = { ms: 1_800_000_000_000 };
  const namespaces = new Set(['bank', 'shop']);
  const metrics = createMetrics();
  let forbidden = 0;
  const authenticator = await openAuthenticator({
    config: configOf([{ auth }]).config,
    access: { client },
    namespaces: { all: async () => namespaces, count: namespaces.size },
    onForbidden: () => void forbidden++,
    metrics,
    log: silentLogger,
    now: () => clock.ms,
    reviewTimeoutMs,
  });
  if (!authenticator) throw new Error('this mode asks nobody');
  return {
    api,
    authenticator,
    clock,
    namespaces,
    forbidden: () => forbidden,
    caller: (token) => authenticator.identify({ token, header: () => undefined }),
    reviews: (kind) => api.reviews.asked.filter((review) => review.kind === kind).length,
    async metric(name, labels = {}) {
      const page = parseMetrics((await metrics.text()).body);
      return page.samples(name, labels).reduce((sum, { value }) => sum + value, 0);
    },
  };
}
