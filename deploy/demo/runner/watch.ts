import { setTimeout as delay } from 'node:timers/promises';
import type { DemoUrls } from './folder.ts';

/** What is worth a line: `what` is the same for the same thing, so that it is told once. */
export interface Sight {
  readonly what:
    | 'leak-on'
    | 'leak-off'
    | 'suspected'
    | 'likely'
    | 'ended'
    | `${string} ${'pending' | 'firing' | 'over'}`;
  readonly text: string;
  readonly link?: string | undefined;
}

type Tier = 'suspected' | 'likely';

interface Growth {
  readonly verdicts: readonly {
    readonly signals: readonly {
      readonly signal: string;
      readonly tier: Tier | null;
      readonly functions: readonly { readonly function: string; readonly perSecond: number }[];
    }[];
    readonly links: { readonly page: string };
  }[];
}

interface Alerts {
  readonly data: {
    readonly alerts: readonly {
      readonly state: 'pending' | 'firing';
      readonly labels: Readonly<Record<string, string>>;
      readonly annotations: Readonly<Record<string, string>>;
    }[];
  };
}

/** Tells what changes about the checkout: its switch, what the detector says of its heap, its alerts. Until `signal` ends. */
export async function* watchCheckout(urls: DemoUrls, signal: AbortSignal): AsyncGenerator<Sight> {
  const switched = follow<boolean, 'leak-on' | 'leak-off'>((on) => (on ? 'leak-on' : 'leak-off'), false);
  const tiers = follow<Tier | null, Tier | 'ended'>((tier) => tier ?? 'ended', null);
  let alerting = new Map<string, string>();
  while (!signal.aborted) {
    const { on } = await ask<{ readonly on: boolean }>(`${urls.checkout}/leak`);
    const turned = switched(on);
    if (turned) yield { what: turned, text: on ? 'the checkout leaks' : 'the checkout does not leak any more' };
    const [verdict] = (await ask<Growth>(`${urls.api}/api/v1/growth?namespace=shop&workload=checkout`)).verdicts;
    const heap = verdict?.signals.find((each) => each.signal === 'heap');
    const tier = tiers(heap?.tier ?? null);
    if (tier)
      yield {
        what: tier,
        text: findingText(tier, heap?.functions[0]),
        link: `${urls.api}${verdict?.links.page ?? ''}`,
      };
    const alerts = urls.prometheus === undefined ? [] : await alertsOf(urls.prometheus);
    for (const { name, state, link } of alerts) {
      if (alerting.get(name) !== state) yield { what: `${name} ${state}`, text: `alert ${name} is ${state}`, link };
    }
    for (const name of alerting.keys()) {
      if (!alerts.some((alert) => alert.name === name)) yield { what: `${name} over`, text: `alert ${name} is over` };
    }
    alerting = new Map(alerts.map(({ name, state }) => [name, state]));
    await delay(500, undefined, { signal }).catch(() => undefined);
  }
}

/** Gives the word for a value when it is another one than before. */
function follow<Value, Word>(wordOf: (value: Value) => Word, first: Value): (value: Value) => Word | undefined {
  let before = first;
  return (value) => {
    if (value === before) return undefined;
    before = value;
    return wordOf(value);
  };
}

function findingText(
  tier: Tier | 'ended',
  grower: { readonly function: string; readonly perSecond: number } | undefined,
): string {
  if (tier === 'ended') return 'the finding is over';
  const rate = grower ? `: ${grower.function} keeps ${(grower.perSecond / 1024).toFixed(0)} KiB more each second` : '';
  return `a leak of the checkout is ${tier}${rate}`;
}

async function alertsOf(prometheus: string) {
  const { data } = await ask<Alerts>(`${prometheus}/api/v1/alerts`);
  return data.alerts
    .filter(({ labels }) => labels['workload'] === 'checkout')
    .map(({ state, labels, annotations }) => ({
      name: labels['alertname'] ?? '',
      state,
      link: state === 'firing' ? annotations['growth_url'] : undefined,
    }));
}

async function ask<T>(url: string): Promise<T> {
  const response = await fetch(url, { headers: { accept: 'application/json' } });
  if (!response.ok) throw new Error(`${url}: HTTP ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}
