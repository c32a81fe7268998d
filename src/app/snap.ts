import type { KubernetesDiscoverer } from '../discovery/kubernetes-discoverer.ts';
import { FlameherdError } from '../model/errors.ts';
import type { Snapped, SnapRequest } from '../model/snap.ts';
import type { Target } from '../model/target.ts';
import type { ScrapePool } from '../scrape/scrape-pool.ts';

export interface SnapParts {
  /** Undefined while no cluster is watched. */
  readonly discoverer: Pick<KubernetesDiscoverer, 'snapTarget'> | undefined;
  readonly pool: Pick<ScrapePool, 'snap'>;
  /** Why a target may not be scraped just now: paused, or another collector scrapes. */
  readonly pausedBecause: (target: Target) => string | undefined;
}

/** Finds the process that is meant, and scrapes it now. */
export async function snap(request: SnapRequest, signal: AbortSignal, parts: SnapParts): Promise<Snapped> {
  if (!parts.discoverer) {
    throw new FlameherdError('not_found', 'no cluster is watched, so there are no pods', {
      hint: 'start it with --kubernetes',
    });
  }
  const { target, spec } = parts.discoverer.snapTarget(request);
  const paused = parts.pausedBecause(target);
  if (paused !== undefined) throw new FlameherdError('not_ready', paused);
  const outcome = await parts.pool.snap(target, spec, signal);
  if (outcome.kind === 'snapped') return { ...outcome, labels: target.labels };
  const [message = '', ...hint] = outcome.message.split('\n');
  throw new FlameherdError('scrape_failed', message, { hint: hint.join('\n') || undefined });
}
