import type { Daemon } from '../../test/support/daemon.ts';
import { cpuSeconds, openDaemon } from '../daemon.ts';

/** The daemon as its clients see it: a process that may be killed and comes again with the same data, at another address. */
export class RunningDaemon {
  /** CPU of the processes that have ended, in seconds, as last seen. */
  #endedCpu = 0;
  readonly #open: () => Promise<Daemon>;
  #daemon: Daemon;

  private constructor(open: () => Promise<Daemon>, daemon: Daemon) {
    this.#open = open;
    this.#daemon = daemon;
  }

  static async start(dataDir: string, flags: readonly string[], env: NodeJS.ProcessEnv): Promise<RunningDaemon> {
    const open = (): Promise<Daemon> => openDaemon(dataDir, flags, env);
    return new RunningDaemon(open, await open());
  }

  get now(): Daemon {
    return this.#daemon;
  }

  get cpuSeconds(): number {
    return this.#endedCpu + cpuSeconds(this.#daemon.process.pid);
  }

  /** SIGKILL, and the next one on the same data. Gives how long it took from the kill until that was ready. */
  async killAndRestart(): Promise<number> {
    this.#endedCpu = this.cpuSeconds;
    const killedMs = performance.now();
    await this.#daemon.kill();
    this.#daemon = await this.#open();
    return performance.now() - killedMs;
  }

  stop(): Promise<number | null> {
    return this.#daemon.stop();
  }

  /** All values of a metric, whatever its labels, added up. */
  async metric(name: string): Promise<number> {
    const text = await (await fetch(`${this.#daemon.opsUrl}/metrics`)).text();
    const lines = text.matchAll(new RegExp(`^${name}(?:\\{[^\\n]*\\})? (\\S+)$`, 'gm'));
    return lines.reduce((sum, [, value]) => sum + Number(value), 0);
  }
}
