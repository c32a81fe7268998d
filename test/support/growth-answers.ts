import assert from 'node:assert/strict';
import { flameherd } from './app-command.ts';
import type { Daemon } from './daemon.ts';

/** What the API tells of growth, as far as it matters to whoever follows an alert. */
export interface GrowthAnswer {
  readonly verdicts: readonly {
    readonly namespace: string;
    readonly workload: string;
    readonly tier: string | null;
    readonly signals: readonly SignalAnswer[];
  }[];
  readonly events: readonly EventAnswer[];
  readonly nextCursor: string | null;
}

export interface SignalAnswer {
  readonly signal: string;
  readonly tier: string | null;
  readonly perSecond: number | null;
  readonly functions: readonly { readonly function: string; readonly perSecond: number }[];
  readonly baseline: { readonly kind: string } | null;
  readonly whyNot: string | null;
}

export interface EventAnswer {
  readonly id: string;
  readonly workload: string;
  readonly signal: string;
  readonly tier: string;
  readonly state: string;
  readonly revision: string | null;
  readonly openedMs: number;
  readonly verdict: SignalAnswer;
  readonly profiles: { readonly base: object | null; readonly compare: object } | null;
  readonly links: {
    readonly page: string;
    readonly baseProfile: string | null;
    readonly compareProfile: string | null;
  };
}

export function growthOf(daemon: Pick<Daemon, 'getJson'>, namespace: string): Promise<GrowthAnswer> {
  return daemon.getJson<GrowthAnswer>(`/api/v1/growth?limit=100&namespace=${namespace}`);
}

/** The verdict on one signal of a workload; undefined while there is none. */
export function signalOf({ verdicts }: GrowthAnswer, workload: string, signal: string): SignalAnswer | undefined {
  return verdicts.find((verdict) => verdict.workload === workload)?.signals.find((each) => each.signal === signal);
}

/** A page as a program asks for it. */
export async function asJson<T>(url: string): Promise<T> {
  const response = await fetch(url, { headers: { accept: 'application/json' } });
  const text = await response.text();
  assert.equal(response.status, 200, `${url}: ${text}`);
  return JSON.parse(text) as T;
}

/** The shipped rules for a configuration that is given by its environment. */
export async function printedRules(baseUrl: string, env: Readonly<Record<string, string>>): Promise<string> {
  const { code, stdout, stderr } = await flameherd(['rules', 'print', '--base-url', baseUrl], env);
  assert.equal(code, 0, stderr);
  return stdout;
}
