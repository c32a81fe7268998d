import type { Daemon } from './daemon.ts';

/** An entry of `/api/v1/profiles`. */
export interface ListedProfile {
  readonly id: string;
  readonly kind: string;
  readonly timeMs: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly sampleTypes: readonly { readonly type: string; readonly total: number }[];
}

/** Every page of what was stored within a day, in the order of its times. */
export async function allProfiles(daemon: Daemon, selector: string): Promise<ListedProfile[]> {
  const query = new URLSearchParams({ query: selector, from: 'now-1d', limit: '1000' });
  const all: ListedProfile[] = [];
  for (;;) {
    const page = await daemon.getJson<{ profiles: ListedProfile[]; nextCursor: string | null }>(
      `/api/v1/profiles?${query.toString()}`,
    );
    all.push(...page.profiles);
    if (page.nextCursor === null) return all.sort((a, b) => a.timeMs - b.timeMs);
    query.set('cursor', page.nextCursor);
  }
}
