import { profileTypeAliases } from '../../model/profile-type.ts';
import type { TargetEntry } from '../api/answers.ts';
import { order } from '../api/ask.ts';
import { hrefOf } from '../state/href.ts';

type ScrapeEntry = TargetEntry['scrapes'][number];

/** A profile that was scraped out of turn, and where to find it. */
export interface Snapped {
  /** `heap of shop/cart-1`. */
  readonly what: string;
  readonly bytes: number;
  /** `direct (…)`. */
  readonly transport: string;
  readonly downloadUrl: string;
  /** Undefined for kinds whose types have no short name. */
  readonly exploreUrl: string | undefined;
}

/** Around the moment of a profile: clocks differ a little, and the profile before it belongs to the picture. */
const marginMs = 60_000;

/** Scrapes one kind of one process now. Throws `Problem`, or what `signal` was aborted with. */
export async function snapNow(target: TargetEntry, scrape: ScrapeEntry, signal: AbortSignal): Promise<Snapped> {
  const { namespace = '', pod = '', container } = target.labels;
  const startedMs = Date.now();
  const url = hrefOf('/api/v1/snap', {
    namespace,
    pod,
    container,
    port: new URL(scrape.url).port,
    profile: scrape.kind,
  });
  const response = await order('POST', url, signal);
  const bytes = (await response.arrayBuffer()).byteLength;
  const id = response.headers.get('X-Flameherd-Profile') ?? '';
  return {
    what: `${scrape.kind} of ${namespace}/${pod}`,
    bytes,
    transport: response.headers.get('X-Flameherd-Transport') ?? '',
    downloadUrl: `/api/v1/profiles/${encodeURIComponent(id)}`,
    exploreUrl: exploreUrl(
      scrape.kind,
      { namespace, pod },
      { fromMs: startedMs - marginMs, toMs: Date.now() + marginMs },
    ),
  };
}

/** `/explore` of a kind and labels, in a window if one is given; undefined for kinds whose types have no short name. */
export function exploreUrl(
  kind: string,
  labels: Readonly<Record<string, string>>,
  window?: { readonly fromMs: number; readonly toMs: number },
): string | undefined {
  if (!Object.hasOwn(profileTypeAliases, kind)) return undefined;
  const matchers = Object.entries(labels).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return hrefOf('/explore', {
    query: `${kind}{${matchers.join(',')}}`,
    from: window && new Date(window.fromMs).toISOString(),
    to: window && new Date(window.toMs).toISOString(),
  });
}
