import type { Config } from '../config/schema.ts';

/** Whether `/metrics` asks who calls. It names every workload, so by default it does where the API is divided by namespaces. */
export function metricsAsk({ auth }: Pick<Config, 'auth'>): boolean {
  return auth.metrics === 'auto' ? isDivided(auth) : auth.metrics === 'on';
}

/** Where the API is divided and `/metrics` is open, no functions are told on it: nobody was asked whose code that is. */
export function functionsAreHidden(config: Pick<Config, 'auth'>): boolean {
  return isDivided(config.auth) && !metricsAsk(config);
}

function isDivided({ mode }: Config['auth']): boolean {
  return mode === 'kubernetes' || mode === 'header';
}
