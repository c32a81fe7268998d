import { minute, type UnixMs } from '../../../../src/model/units.ts';
import { type Amount, noise, RecordedProfile } from './recorded-profile.ts';

/**
 * What happened in namespace `shop`, as seen now:
 *
 *     checkout   three pods; 30 minutes ago 1.9.0 was rolled out, in which (*Engine).scanCampaigns is slow
 *     cart       two pods; for 30 h one of them has leaked in (*sessions).remember
 *     mailer     one pod; for 9 h it has started goroutines that never end, in (*Server).awaitBounce
 *     search     one pod, steady; it was started anew 70 minutes ago, and six of its scrapes are missing 40 minutes ago
 */
export interface StoryProfile {
  readonly ms: UnixMs;
  readonly parameters: Readonly<Record<string, string>>;
  readonly bytes: () => Uint8Array;
}

export const namespace = 'shop';
export const rolloutAgoMs = 30 * minute;
export const slowFunction = 'example.com/shop/pricing.(*Engine).scanCampaigns';
export const leakingFunction = 'example.com/shop/cart.(*sessions).remember';
const bounce = 'mailer.(*Server).awaitBounce';
const cpuSeconds = 10;

interface Run {
  readonly workload: string;
  readonly recorded: string;
  readonly pod: string;
  readonly revision: string;
  readonly version: string;
  readonly node: string;
  /** Minutes before the end of the story. Seen from `seen` to `to`. */
  readonly started: number;
  readonly seen: number;
  readonly to: number;
  /** Minutes between two scrapes of a kind: in the last two hours, and before. */
  readonly kinds: Readonly<Record<string, { readonly each: number; readonly before?: number }>>;
  readonly isMissing?: (ago: number) => boolean;
  readonly amount: (share: number) => Amount;
}

const steady = (): Amount => () => 1;
/** What leaks has risen with age; the rest is there from the start. */
const leaking =
  (name: string) =>
  (share: number): Amount =>
  (stack) =>
    stack.includes(name) ? 0.04 + 0.96 * share : 1;

const often = { cpu: { each: 1 }, heap: { each: 1 }, goroutine: { each: 2 }, block: { each: 2 }, mutex: { each: 2 } };
const usual = { cpu: { each: 1 }, heap: { each: 2 }, goroutine: { each: 5 } };
const checkout = { workload: 'checkout', kinds: often, amount: steady };
const before = {
  ...checkout,
  recorded: 'checkout-1',
  revision: '6d5f9c7b84',
  version: '1.8.2',
  started: 2900,
  seen: 120,
};
const after = { ...checkout, recorded: 'checkout-2', revision: '7c9b4d6f55', version: '1.9.0', to: 0 };
const cart = {
  workload: 'cart',
  recorded: 'cart',
  revision: '5b8fd7c6d9',
  version: '3.2.0',
  started: 1800,
  seen: 1800,
  to: 0,
};
const search = {
  workload: 'search',
  recorded: 'search',
  revision: '84d4cf98c7',
  version: '2.0.4',
  kinds: usual,
  amount: steady,
};

const runs: readonly Run[] = [
  { ...before, pod: 'checkout-6d5f9c7b84-2xkqj', node: 'node-1', to: 28 },
  { ...before, pod: 'checkout-6d5f9c7b84-h7w4n', node: 'node-2', to: 29 },
  { ...before, pod: 'checkout-6d5f9c7b84-zp9td', node: 'node-3', to: 30 },
  { ...after, pod: 'checkout-7c9b4d6f55-4jv8m', node: 'node-3', started: 30, seen: 29 },
  { ...after, pod: 'checkout-7c9b4d6f55-b6rlx', node: 'node-2', started: 29, seen: 28 },
  { ...after, pod: 'checkout-7c9b4d6f55-tq2cs', node: 'node-1', started: 28, seen: 27 },
  {
    ...cart,
    pod: 'cart-5b8fd7c6d9-m4zkp',
    node: 'node-1',
    kinds: { cpu: { each: 1 }, heap: { each: 2, before: 10 }, goroutine: { each: 5 } },
    amount: leaking('(*sessions).remember'),
  },
  {
    ...cart,
    pod: 'cart-5b8fd7c6d9-x8t2w',
    node: 'node-2',
    kinds: { cpu: { each: 1 }, heap: { each: 2, before: 10 }, goroutine: { each: 5 } },
    amount: () => (stack) => (stack.includes('(*sessions).remember') ? 0.04 : 1),
  },
  {
    workload: 'mailer',
    recorded: 'mailer',
    pod: 'mailer-7f6c5d9b4-9qhrd',
    revision: '7f6c5d9b4',
    version: '0.9.1',
    node: 'node-3',
    started: 540,
    seen: 530,
    to: 0,
    kinds: { cpu: { each: 2 }, heap: { each: 5, before: 10 }, goroutine: { each: 2, before: 10 } },
    amount: leaking(bounce),
  },
  { ...search, pod: 'search-84d4cf98c7-lk5vb', node: 'node-2', started: 2000, seen: 120, to: 70 },
  {
    ...search,
    pod: 'search-84d4cf98c7-lk5vb',
    node: 'node-2',
    started: 70,
    seen: 69,
    to: 0,
    isMissing: (ago) => ago > 34 && ago <= 40,
  },
];

/** Every profile of the story whose last ones are stamped `endMs`, a whole minute, oldest first. */
export function storyProfiles(endMs: UnixMs): StoryProfile[] {
  const recorded = new Map<string, RecordedProfile>();
  const recordedOf = (name: string): RecordedProfile => {
    const found = recorded.get(name) ?? new RecordedProfile(name);
    recorded.set(name, found);
    return found;
  };
  return runs
    .flatMap((run, at) =>
      Object.keys(run.kinds).flatMap((kind) =>
        scrapesOf(run, kind).map((ago) => profileOf(run, kind, { ago, at, endMs }, recordedOf)),
      ),
    )
    .sort((a, b) => a.ms - b.ms);
}

/** In minutes before the end. */
function scrapesOf({ kinds, seen, to, isMissing = () => false }: Run, kind: string): number[] {
  const { each = 1, before = Infinity } = kinds[kind] ?? {};
  const scrapes: number[] = [];
  for (let ago = seen; ago >= to; ago--) {
    const isDue = ago <= 120 ? ago % each === 0 : ago % before === 0;
    if (isDue && !isMissing(ago)) scrapes.push(ago);
  }
  return scrapes;
}

function profileOf(
  run: Run,
  kind: string,
  { ago, at, endMs }: { readonly ago: number; readonly at: number; readonly endMs: UnixMs },
  recordedOf: (name: string) => RecordedProfile,
): StoryProfile {
  const ms = endMs - ago * minute;
  const { each = 1, before = each } = run.kinds[kind] ?? {};
  const parameters = {
    namespace,
    workload: run.workload,
    workload_kind: 'Deployment',
    container: 'app',
    pod: run.pod,
    node: run.node,
    revision: run.revision,
    image: run.version,
    version: run.version,
    process: `${run.pod}/${run.started}`,
    started: String(endMs - run.started * minute),
    interval: `${ago <= 120 ? each : before}m`,
    // A CPU profile is stamped with its beginning.
    time: String(kind === 'cpu' ? ms - cpuSeconds * 1000 : ms),
    kind,
    ...(ago === run.to && run.to > 0 ? { ended: String(ms + 1000) } : {}),
  };
  return { ms, parameters, bytes: () => bytesOf(run, kind, { ago, at, ms }, recordedOf) };
}

function bytesOf(
  run: Run,
  kind: string,
  { ago, at, ms }: { readonly ago: number; readonly at: number; readonly ms: UnixMs },
  recordedOf: (name: string) => RecordedProfile,
): Uint8Array {
  const share = run.started === 0 ? 0 : (run.started - ago) / run.started;
  const recorded = recordedOf(`${run.recorded}.${kind}`);
  const amount = run.amount(share);
  if (kind === 'cpu')
    return recorded.sampled((stack, type) => amount(stack, type) * traffic(ms), cpuSeconds, ago * 16 + at);
  const counted = countedMinutes(run.started - ago);
  return recorded.at((stack, type) => {
    if (kind === 'block' || kind === 'mutex' || type.startsWith('alloc_')) return counted;
    // Live heap comes and goes a little with the collector.
    return amount(stack, type) * (kind === 'heap' ? 0.985 + 0.03 * noise(ago, at) : 1);
  });
}

/** What is counted since the start, in recordings of half a minute: as if the recording had gone on. */
function countedMinutes(age: number): number {
  return 2 * age;
}

/** Busier and quieter times, of 40 minutes. */
function traffic(ms: UnixMs): number {
  return 1 + 0.18 * Math.sin((2 * Math.PI * ms) / (40 * minute)) + 0.05 * Math.sin((2 * Math.PI * ms) / (7 * minute));
}
