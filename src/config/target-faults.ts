import { type ConfigFault, faultOf } from './faults.ts';
import type { Config } from './schema.ts';

/** URLs of `targets` that would be refused when the daemon starts, so that `config check` says so before. */
export function targetFaults(targets: Config['targets']): ConfigFault[] {
  return targets.flatMap(({ url }, at) => {
    const because = refusal(url);
    if (because === undefined) return [];
    return [faultOf(`targets.${at}.url`, `${JSON.stringify(url)} ${because}: write http://HOST:PORT`)];
  });
}

function refusal(text: string): string | undefined {
  const url = URL.parse(text);
  if (!url) return 'is no URL';
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return 'is neither http nor https';
  if (url.username !== '' || url.password !== '') return 'holds a user or password';
  return undefined;
}
