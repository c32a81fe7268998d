import { configOf, type LoadedConfig } from '../config/load.ts';
import { type ConfigChanges, changesBetween, isLive } from '../config/reload.ts';
import type { Config } from '../config/schema.ts';
import { discoveryRules } from '../discovery/rules.ts';
import { staticTargets } from '../discovery/static-discoverer.ts';
import { denyRules } from '../growth/choices.ts';
import { messageOf } from '../model/errors.ts';
import type { UnixMs } from '../model/units.ts';
import type { Logger } from '../observe/logger.ts';
import type { MetricsRegistry } from '../observe/metrics.ts';

export interface ReloadOptions {
  /** What the daemon began with. */
  readonly loaded: LoadedConfig;
  /** Reads the same file, environment and flags again. Throws `bad_config`. */
  readonly load: () => Promise<LoadedConfig>;
  /** Puts the live keys in force. It is handed what is in force from now on, all other keys as they were; it does not throw. */
  readonly apply: (inForce: Config) => void;
  readonly logger: Logger;
  readonly now: () => UnixMs;
}

/** Reads the configuration again: all of it is good and its live keys are in force, or nothing changes. */
export class Reloads {
  readonly #options: ReloadOptions;
  #running: LoadedConfig['plain'];
  #inForce: Config;
  #queue: Promise<unknown> = Promise.resolve();
  #wasGood = true;
  #goodMs: UnixMs;

  constructor(options: ReloadOptions) {
    this.#options = options;
    this.#running = options.loaded.plain;
    this.#inForce = options.loaded.config;
    this.#goodMs = options.now();
  }

  get status(): { readonly wasGood: boolean; readonly goodMs: UnixMs } {
    return { wasGood: this.#wasGood, goodMs: this.#goodMs };
  }

  /** What is in force now. */
  get inForce(): Config {
    return this.#inForce;
  }

  /** One after the other. Answers which keys changed. Throws `bad_config` with every fault, and the old one stays. */
  reload(): Promise<ConfigChanges> {
    const turn = this.#queue.then(() => this.#reload());
    this.#queue = turn.catch(() => {});
    return turn;
  }

  async #reload(): Promise<ConfigChanges> {
    const { load, apply, logger, now } = this.#options;
    try {
      const { config, plain, warnings } = await load();
      checkWhole(config);
      const changes = changesBetween(this.#running, plain);
      const running = withLive(this.#running, plain);
      // Live keys may contradict those that stay until a restart.
      const inForce = configOf([running]).config;
      checkWhole(inForce);
      apply(inForce);
      this.#running = running;
      this.#inForce = inForce;
      this.#wasGood = true;
      this.#goodMs = now();
      for (const warning of warnings) logger.warn(warning);
      logger.info('the configuration was read again', { inForce: changes.live });
      if (changes.needRestart.length > 0) {
        logger.warn('changes of the configuration that need a restart', { keys: changes.needRestart });
      }
      return changes;
    } catch (error) {
      this.#wasGood = false;
      logger.error(`the configuration was refused, and the old one stays: ${messageOf(error)}`);
      throw error;
    }
  }
}

/** What the parts refuse when they start: keys whose values are texts in a language of their own. Throws `bad_config`. */
function checkWhole(config: Config): void {
  denyRules(config.growth.deny);
  staticTargets(config.targets, discoveryRules(config));
}

/** What is in force: keys that need a restart stay as they were, so that they are named until there is one. */
function withLive(running: unknown, read: unknown, path = ''): LoadedConfig['plain'] {
  const merged = Object.entries(running as LoadedConfig['plain']).map(([name, before]) => {
    const at = path === '' ? name : `${path}.${name}`;
    const after = (read as LoadedConfig['plain'])[name];
    if (isLive(at)) return [name, after];
    const isSection = typeof before === 'object' && before !== null && !Array.isArray(before);
    return [name, isSection ? withLive(before, after, at) : before];
  });
  return Object.fromEntries(merged);
}

export function registerReloadMetrics(registry: MetricsRegistry, reloads: Pick<Reloads, 'status'>): void {
  registry.gauge(
    'flameherd_config_last_reload_successful',
    '1 when the configuration was taken when it was last read, 0 when it was refused.',
    [],
    () => [{ labels: {}, value: reloads.status.wasGood ? 1 : 0 }],
  );
  registry.gauge(
    'flameherd_config_last_reload_success_timestamp_seconds',
    'When a configuration was last taken.',
    [],
    () => [{ labels: {}, value: reloads.status.goodMs / 1000 }],
  );
}
