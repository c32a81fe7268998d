import { Agent, get } from 'node:http';
import type { Daemon } from '../../test/support/daemon.ts';
import { cpuSeconds } from '../daemon.ts';
import { median, shortNumber } from '../table.ts';

const warmUps = 6;
const repeats = 15;

/** What an answer took over loopback HTTP, from the request to the last byte. */
export interface Timed {
  readonly medianMs: number;
  readonly leastMs: number;
  readonly mostMs: number;
  readonly bytes: number;
  /** Of the daemon, for one turn: what a busy machine does not stretch. */
  readonly cpuMs: number;
}

/** Asks a daemon over one kept connection, as a browser would. Throws on any answer but 200. */
export class Asker {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 4 });
  readonly #daemon: Daemon;

  constructor(daemon: Daemon) {
    this.#daemon = daemon;
  }

  ask(
    path: string,
    parameters: Readonly<Record<string, string | number>>,
  ): Promise<{ ms: number; bytes: number; body: Buffer }> {
    const query = new URLSearchParams(
      Object.entries(parameters).map(([name, value]): [string, string] => [name, String(value)]),
    );
    const url = `${this.#daemon.url}${path}?${query.toString()}`;
    const startedMs = performance.now();
    return new Promise((resolve, reject) => {
      get(url, { agent: this.#agent }, (response) => {
        const chunks: Buffer[] = [];
        response.on('error', reject);
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          const ms = performance.now() - startedMs;
          const body = Buffer.concat(chunks);
          if (response.statusCode === 200) resolve({ ms, bytes: body.length, body });
          else reject(new Error(`${url}: HTTP ${response.statusCode} ${body.toString().slice(0, 500)}`));
        });
      }).on('error', reject);
    });
  }

  /** The median of several turns; a turn may be more than one question, asked one after the other. */
  async time(
    questions: readonly [path: string, parameters: Readonly<Record<string, string | number>>][],
  ): Promise<Timed> {
    // Two at a time, so that both query threads have seen them.
    for (let turn = 0; turn < warmUps; turn += 2) await Promise.all([this.#turn(questions), this.#turn(questions)]);
    const { pid } = this.#daemon.process;
    const before = cpuSeconds(pid);
    const turns: { ms: number; bytes: number }[] = [];
    for (let turn = 0; turn < repeats; turn++) turns.push(await this.#turn(questions));
    const times = turns.map(({ ms }) => ms);
    return {
      medianMs: median(times),
      leastMs: Math.min(...times),
      mostMs: Math.max(...times),
      bytes: turns[0]?.bytes ?? 0,
      cpuMs: (1000 * (cpuSeconds(pid) - before)) / repeats,
    };
  }

  close(): void {
    this.#agent.destroy();
  }

  async #turn(
    questions: readonly [string, Readonly<Record<string, string | number>>][],
  ): Promise<{ ms: number; bytes: number }> {
    const sum = { ms: 0, bytes: 0 };
    for (const [path, parameters] of questions) {
      const { ms, bytes } = await this.ask(path, parameters);
      sum.ms += ms;
      sum.bytes += bytes;
    }
    return sum;
  }
}

/** `5.2 ms [4.8–9.9], cpu 6.1, 103 KB` */
export function formatTimed({ medianMs, leastMs, mostMs, bytes, cpuMs }: Timed): string {
  return `${shortNumber(medianMs)} ms [${shortNumber(leastMs)}–${shortNumber(mostMs)}], cpu ${shortNumber(cpuMs)}, ${shortNumber(bytes / 1000)} KB`;
}
