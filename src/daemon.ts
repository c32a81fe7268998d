import { flushCompileCache } from 'node:module';
import closeWithGrace from 'close-with-grace';
import type { App } from './app.ts';
import type { LoadedConfig } from './config/load.ts';
import type { ConfigWatch } from './config/watch.ts';
import { inCluster } from './kubernetes/in-cluster.ts';
import { messageOf } from './model/errors.ts';
import { startBootProfile } from './observe/boot-profile.ts';
import { keepHeapSmall, seldom } from './observe/give-back.ts';
import { createLogger, type Logger } from './observe/logger.ts';
import { letNurseriesGrow } from './observe/nursery.ts';
import { version } from './version.ts';

/** Time for requests and scrapes to end after the first signal; what is acknowledged is safe in any case. */
const graceMs = 25_000;

/**
 * Runs the daemon until SIGTERM or SIGINT, drains it, and resolves. SIGHUP and a change of the file that `watch` looks at read the
 * configuration again, by `load`. Throws when it cannot start.
 */
export async function runDaemon(
  loaded: LoadedConfig,
  load: () => Promise<LoadedConfig>,
  watch?: ConfigWatch,
): Promise<void> {
  const { config, warnings } = loaded;
  const logger = createLogger(config.log);
  for (const warning of warnings) logger.warn(warning);
  // Before it runs there is nothing to read again; without a listener the signal would end the process.
  let reload: (() => Promise<unknown>) | undefined;
  process.on('SIGHUP', () => void reload?.().catch(() => undefined));
  const fault = Promise.withResolvers<never>();
  const boot = config.scrape.self ? startBootProfile() : undefined;
  const onFault = (error: Error): void => fault.reject(error);
  letNurseriesGrow();
  // Loaded here, so that loading is in the profile. The thread of the store opens it while this one loads the rest.
  const [{ startIngest }, { ingestOptions }] = await Promise.all([
    import('./ingest/client.ts'),
    import('./app/settings.ts'),
  ]);
  const starting = startIngest({ ...ingestOptions(config), onError: onFault });
  // Whoever waits for it is told why it cannot start.
  starting.catch(() => undefined);
  const { startApp } = await import('./app.ts');
  const app = await startApp(loaded, logger, { starting, onFault, boot, load });
  reload = () => app.reload();
  watch?.start(reload, () => logger.warn('the configuration file is gone; what is in force stays'));
  const ended = Promise.withResolvers<void>();
  let failure: Error | undefined;
  const { close } = closeWithGrace(
    { delay: graceMs, logger: false, skip: ['beforeExit', 'SIGHUP'] },
    async ({ signal, err }) => {
      if (err) logger.error(`stopping because of a fault of ours: ${messageOf(err)}`, { stack: err.stack });
      else logger.info('draining', { signal });
      watch?.[Symbol.dispose]();
      await app.close();
      logger.info('stopped');
      // What is thrown here ends the process with code 1, so that whoever watches it knows.
      if (failure) throw failure;
      ended.resolve();
    },
  );
  fault.promise.catch((error: Error) => {
    logger.error(`a part died: ${error.message}`, { stack: error.stack });
    failure = error;
    close();
  });
  // Whoever reads this may send signals from now on.
  greet(app, logger);
  flushCompileCache();
  keepHeapSmall(seldom);
  await ended.promise;
}

/** The first lines tell what to open next. */
function greet(app: App, logger: Logger): void {
  logger.info(`flameherd ${version} listens`, { api: app.url, ops: app.opsUrl, data: app.dataDir });
  // In a cluster standard output is a log, where a text for people would only be in the way.
  if (inCluster()) return;
  process.stdout.write(
    `
  What is profiled      npx flameherd targets
  In a minute           curl '${app.url}/api/v1/merge?query=cpu&format=top'
                        go tool pprof -top '${app.url}/pprof/local/flameherd/cpu?seconds=300'
  A program of yours    npm start -- --target shop=http://127.0.0.1:6060
  A cluster             npm start -- --kubernetes, then kubectl annotate deployment/NAME flameherd.dev/scrape=true

`,
  );
}
