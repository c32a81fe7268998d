import type { Config } from '../config/schema.ts';
import type { EventChange } from '../growth/contract.ts';
import type { ClusterAccess } from '../kubernetes/access.ts';
import type { GrowthEvent } from '../model/growth.ts';
import type { UnixMs } from '../model/units.ts';
import type { Logger } from '../observe/logger.ts';
import { GrowthEvents, type SeenObjects } from './growth-kubernetes.ts';
import { GrowthWebhook } from './growth-webhook.ts';
import type { Rights } from './rights.ts';

export interface TellersOptions {
  readonly config: Config;
  /** Undefined: no cluster is watched. */
  readonly access: ClusterAccess | undefined;
  readonly seen: () => SeenObjects | undefined;
  readonly rights: Pick<Rights, 'refused'>;
  readonly collectorId: string;
  /** Where an event is shown. */
  readonly linkOf: (event: GrowthEvent) => string;
  readonly logger: Logger;
  readonly now: () => UnixMs;
}

/** Whoever is told of events besides the log. Nobody who tells waits for them. */
export interface GrowthTellers extends AsyncDisposable {
  /** What changed since it was last called, and all that is open now. */
  tell(changes: readonly EventChange[], open: readonly GrowthEvent[]): void;
  /** What `growth.webhook` says from now on. */
  setWebhook(webhook: Config['growth']['webhook']): void;
  numbers(): { readonly webhookFailures: number; readonly kubernetesEventsDropped: number };
}

export function growthTellers(options: TellersOptions): GrowthTellers {
  const { config, access, logger, now, linkOf } = options;
  const { kubernetesEvents, bucket, enabled } = config.growth;
  const { externalLabels } = config;
  const hookOf = ({ url, authorizationFile, timeout }: Config['growth']['webhook']): GrowthWebhook | undefined =>
    enabled && url !== ''
      ? new GrowthWebhook({
          url,
          authorizationFile,
          timeoutMs: timeout,
          bucketMs: bucket,
          externalLabels,
          linkOf,
          logger,
          now,
        })
      : undefined;
  let hook = hookOf(config.growth.webhook);
  // The alerts of one that is replaced end there by themselves.
  let replaced = Promise.resolve();
  let failures = 0;
  const events =
    enabled && kubernetesEvents && access ? new GrowthEvents({ ...options, client: access.client }) : undefined;
  return {
    tell(changes, open) {
      hook?.tell(changes, open);
      events?.tell(changes);
    },
    setWebhook(webhook) {
      failures += hook?.failures ?? 0;
      const old = hook;
      replaced = replaced.then(() => old?.[Symbol.asyncDispose]());
      hook = hookOf(webhook);
    },
    numbers: () => ({
      webhookFailures: failures + (hook?.failures ?? 0),
      kubernetesEventsDropped: events?.dropped ?? 0,
    }),
    async [Symbol.asyncDispose]() {
      await Promise.all([replaced, hook?.[Symbol.asyncDispose](), events?.[Symbol.asyncDispose]()]);
    },
  };
}
