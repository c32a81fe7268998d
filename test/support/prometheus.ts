import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { eventually } from './daemon.ts';
import { prometheusTools } from './promtool.ts';

export interface PrometheusOptions {
  /** `host:port` whose `/metrics` is scraped. */
  readonly targets: readonly string[];
  /** The label `job` of all of it; `flameherd` unless given. */
  readonly job?: string;
  /** Seconds between scrapes, and between evaluations of rules; 1 unless given. */
  readonly intervalSeconds?: number;
  /** Texts of rule files. */
  readonly rules?: readonly string[];
}

/** One series of an answer, with its value at the moment that was asked for. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** One series of an answer over time; values that were not there are left out. */
export interface SampleRange {
  readonly labels: Readonly<Record<string, string>>;
  readonly points: readonly { readonly timeMs: number; readonly value: number }[];
}

export interface Alert {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly state: 'pending' | 'firing';
  readonly activeAt: string;
}

/** A real Prometheus on a free port, with its data in a folder that goes with it. */
export interface Prometheus extends AsyncDisposable {
  readonly url: string;
  query(expression: string, timeMs?: number): Promise<readonly Sample[]>;
  queryRange(expression: string, fromMs: number, toMs: number, stepMs: number): Promise<readonly SampleRange[]>;
  /** Pending and firing ones. */
  alerts(): Promise<readonly Alert[]>;
  /** What is wrong with rules, by their names; empty when all of them could be evaluated. */
  ruleErrors(): Promise<Readonly<Record<string, string>>>;
}

/** Resolves when it is ready. Throws with its log when it does not come up, such as for rules that it does not take. */
export async function startPrometheus(options: PrometheusOptions): Promise<Prometheus> {
  const tools = await prometheusTools();
  if (tools.kind === 'missing') throw new Error(tools.skip);
  const folder = await mkdtemp(join(tmpdir(), 'flameherd-prometheus-'));
  const rules = options.rules ?? [];
  for (const [index, text] of rules.entries()) await writeFile(join(folder, `rules-${index}.yml`), text);
  await writeFile(join(folder, 'prometheus.yml'), configOf(options));
  const port = await freePort();
  const child = spawn(
    tools.prometheus,
    [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--log.level=warn',
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const said: string[] = [];
  child.stderr.on('data', (chunk: Buffer) => said.push(String(chunk)));
  const url = `http://127.0.0.1:${port}`;
  const end = async (): Promise<void> => {
    await ended(child);
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    await eventually(
      async () => {
        if (child.exitCode !== null) return true;
        return (await fetch(`${url}/-/ready`)).ok;
      },
      30_000,
      'Prometheus that is ready',
    );
    if (child.exitCode !== null) throw new Error(`Prometheus ended with ${child.exitCode}`);
  } catch (error) {
    await end();
    throw new Error(said.join(''), { cause: error });
  }
  return { ...questionsTo(url), [Symbol.asyncDispose]: end };
}

/** A port of 127.0.0.1 that nobody listens on now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function configOf({ targets, job = 'flameherd', intervalSeconds = 1, rules = [] }: PrometheusOptions): string {
  const interval = `${intervalSeconds}s`;
  return stringify({
    global: { scrape_interval: interval, scrape_timeout: interval, evaluation_interval: interval },
    rule_files: rules.map((_, index) => `rules-${index}.yml`),
    scrape_configs: [{ job_name: job, honor_labels: true, static_configs: [{ targets }] }],
  });
}

interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly value?: readonly [number, string];
  readonly values?: readonly (readonly [number, string])[];
}

interface Rule {
  readonly name: string;
  readonly lastError?: string;
}

function questionsTo(url: string): Omit<Prometheus, typeof Symbol.asyncDispose> {
  const ask = async <T>(path: string, parameters: Readonly<Record<string, string>> = {}): Promise<T> => {
    const response = await fetch(`${url}/api/v1/${path}?${new URLSearchParams(parameters).toString()}`);
    const text = await response.text();
    if (!response.ok) throw new Error(`${path} ${JSON.stringify(parameters)}: HTTP ${response.status} ${text}`);
    return (JSON.parse(text) as { data: T }).data;
  };
  return {
    url,
    async query(query, timeMs = Date.now()) {
      const { result } = await ask<{ result: readonly Series[] }>('query', { query, time: seconds(timeMs) });
      return result.map(({ metric, value }) => ({ labels: metric, value: Number(value?.[1]) }));
    },
    async queryRange(query, fromMs, toMs, stepMs) {
      const { result } = await ask<{ result: readonly Series[] }>('query_range', {
        query,
        start: seconds(fromMs),
        end: seconds(toMs),
        step: seconds(stepMs),
      });
      return result.map(({ metric, values = [] }) => ({
        labels: metric,
        points: values.map(([time, value]) => ({ timeMs: time * 1000, value: Number(value) })),
      }));
    },
    async alerts() {
      type Answer = Omit<Alert, 'name'>;
      const { alerts } = await ask<{ alerts: readonly Answer[] }>('alerts');
      return alerts.map((alert) => ({ ...alert, name: alert.labels['alertname'] ?? '' }));
    },
    async ruleErrors() {
      const { groups } = await ask<{ groups: readonly { rules: readonly Rule[] }[] }>('rules');
      const failed = groups.flatMap(({ rules }) => rules).filter(({ lastError }) => lastError);
      return Object.fromEntries(failed.map(({ name, lastError = '' }) => [name, lastError]));
    },
  };
}

function seconds(ms: number): string {
  return String(ms / 1000);
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
}
