import { formatDuration } from '../model/duration.ts';
import { messageOf } from '../model/errors.ts';
import { parseImageReference } from '../model/image-reference.ts';
import { parseLabelRequirement } from '../model/label-requirement.ts';
import { compileMatchers, parseMatchers } from '../model/matcher.ts';
import { type DurationMs, hour, minute, second } from '../model/units.ts';
import { authFaults } from './auth-faults.ts';
import { type ConfigFault, faultOf } from './faults.ts';
import type { Config } from './schema.ts';
import { targetFaults } from './target-faults.ts';

/** Values that are allowed each by itself, and not together. */
export function contradictionsIn(config: Config): ConfigFault[] {
  const { discovery, growth, lease, scrape, storage, transports } = config;
  const { retention, rollup1h, rollup1d } = storage;
  return [
    ...authFaults(config.auth),
    ...doorFaults(config),
    ...entryFaults(scrape),
    ...targetFaults(config.targets),
    ...ephemeralFaults(transports.ephemeral),
    ...growthFaults(growth),
    ...denyFaults('growth.deny', growth.deny),
    ...denyFaults('discovery.deny', discovery.deny),
    ...shorter('lease.duration', lease.duration, 3 * second, 'the least: renewals take a moment'),
    ...longer('lease.duration', lease.duration, 5 * minute, 'the most: nobody scrapes until it has run out'),
    ...shorter(
      'storage.retention',
      retention,
      leastRetentionMs,
      'the least: an hour has to be summed up before it goes',
    ),
    ...shorter('storage.rollup1h', rollup1h, retention, 'storage.retention: sums outlive what they are made of'),
    ...shorter('storage.rollup1d', rollup1d, rollup1h, 'storage.rollup1h: sums outlive what they are made of'),
  ];
}

/** Keys of TLS and of sessions that do not make a whole. */
function doorFaults({ http: { tls }, auth: { session } }: Config): ConfigFault[] {
  const hasTls = tls.certFile !== '' || tls.keyFile !== '';
  const isWhole = (tls.certFile === '') === (tls.keyFile === '');
  return [
    ...(isWhole ? [] : [faultOf('http.tls', 'certFile and keyFile go together')]),
    ...(tls.ops && !hasTls ? [faultOf('http.tls.ops', 'is of no use without http.tls.certFile and keyFile')] : []),
    ...shorter('auth.session.idle', session.idle, minute, 'the least: pages ask every 15 s'),
    ...shorter('auth.session.maxLife', session.maxLife, session.idle, 'auth.session.idle'),
  ];
}

/** A rule that cannot be read would deny nothing, and nobody would know. */
function denyFaults(key: string, rules: readonly string[]): ConfigFault[] {
  return rules.flatMap((text) => {
    try {
      const matchers = parseMatchers(text);
      if (matchers.length === 0) throw new Error('no matchers: it would deny everything');
      compileMatchers(matchers);
      return [];
    } catch (error) {
      return [
        faultOf(key, `${JSON.stringify(text)}: ${messageOf(error)}: such as {namespace="batch",workload=~"import.*"}`),
      ];
    }
  });
}

/** Nothing of a URL that may hold a secret is repeated. */
function webhookUrlFaults(url: string): ConfigFault[] {
  const refuse = (because: string): ConfigFault[] => [faultOf('growth.webhook.url', because)];
  if (url === '') return [];
  if (url.includes('@')) {
    return refuse('may hold no user or password: put the Authorization header into growth.webhook.authorizationFile');
  }
  if (/[?#]/.test(url)) return refuse('may hold no ? and no #: /api/v2/alerts is put behind it');
  if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) return [];
  return refuse(`${JSON.stringify(url)} is no URL: such as http://alertmanager.monitoring:9093`);
}

/** Buckets of floors that the detector looks back on: a week, and what it needs to go on after a restart. */
const growthHistory = 1152;

function growthFaults({ bucket, retention, minAge, webhook }: Config['growth']): ConfigFault[] {
  const { url, authorizationFile, timeout } = webhook;
  return [
    ...shorter('growth.bucket', bucket, second, 'the least: profiles come no faster'),
    ...longer('growth.bucket', bucket, hour, 'the most: a day has to have many of them'),
    ...shorter(
      'growth.retention',
      retention,
      growthHistory * bucket,
      `the least: the detector looks back on ${growthHistory} buckets (growth.bucket)`,
    ),
    ...(minAge === null ? [] : longer('growth.minAge', minAge, retention, 'growth.retention: nothing would be judged')),
    ...webhookUrlFaults(url),
    ...(url === '' && authorizationFile !== ''
      ? [faultOf('growth.webhook.authorizationFile', 'is of no use without growth.webhook.url')]
      : []),
    ...shorter('growth.webhook.timeout', timeout, 100, 'the least: an answer takes a moment'),
  ];
}

/** Hours are sealed an hour after their end at the latest, and summed up soon after. */
const leastRetentionMs = 3 * hour;

function shorter(key: string, given: DurationMs, least: DurationMs, because: string): ConfigFault[] {
  if (given >= least) return [];
  return [{ key, message: `${key}: ${formatDuration(given)} is shorter than ${formatDuration(least)}, ${because}` }];
}

function longer(key: string, given: DurationMs, most: DurationMs, because: string): ConfigFault[] {
  if (given <= most) return [];
  return [{ key, message: `${key}: ${formatDuration(given)} is longer than ${formatDuration(most)}, ${because}` }];
}

/** What would put a container that cannot start, or that anybody could exchange, into other people's pods. */
function ephemeralFaults({ enabled, ...ephemeral }: Config['transports']['ephemeral']): ConfigFault[] {
  if (!enabled) return [];
  const { image, allowUnpinned, namespaceLabel, idleTtl, maxLife } = ephemeral;
  const section = 'transports.ephemeral';
  const reference = parseImageReference(image);
  const faults: ConfigFault[] = [];
  if (image === '')
    faults.push(faultOf(`${section}.image`, 'is missing: build it from deploy/sidecar and name it by its digest'));
  else if (typeof reference === 'string') faults.push(faultOf(`${section}.image`, reference));
  else if (reference.digest === '' && !allowUnpinned) {
    const how = 'name it by its digest, or set transports.ephemeral.allowUnpinned for a lab';
    faults.push(
      faultOf(`${section}.image`, `${JSON.stringify(image)} has no digest, so its content may change: ${how}`),
    );
  }
  if (!parseLabelRequirement(namespaceLabel)) {
    faults.push(faultOf(`${section}.namespaceLabel`, `${JSON.stringify(namespaceLabel)} is not KEY=VALUE of a label`));
  }
  return [
    ...faults,
    ...shorter(`${section}.idleTtl`, idleTtl, 3 * minute, 'the least: a kind is fetched once a minute'),
    ...shorter(`${section}.maxLife`, maxLife, idleTtl, `${section}.idleTtl`),
  ];
}

/** Entries for pods whose parts do not make a whole. */
function entryFaults({ tls, auth }: Config['scrape']): ConfigFault[] {
  return [
    ...tls.flatMap((entry, i) => {
      const key = `scrape.tls.${i}`;
      const halfPair = (entry.certFile === '') !== (entry.keyFile === '');
      return [...unnamed(key, entry), ...(halfPair ? [faultOf(key, 'certFile and keyFile go together')] : [])];
    }),
    ...auth.flatMap((entry, i) => {
      const key = `scrape.auth.${i}`;
      const ways = [entry.bearerFile !== '', entry.username !== '' && entry.passwordFile !== ''];
      const isOne = ways.filter((given) => given).length === 1;
      const what = 'takes either bearerFile, or username and passwordFile';
      return [...unnamed(key, entry), ...(isOne ? [] : [faultOf(key, what)])];
    }),
  ];
}

function unnamed(key: string, entry: { readonly namespace: string; readonly serviceAccount: string }): ConfigFault[] {
  const missing = (['namespace', 'serviceAccount'] as const).filter((name) => entry[name] === '');
  return missing.map((name) =>
    faultOf(`${key}.${name}`, 'is missing: an entry is for the pods of one namespace and ServiceAccount'),
  );
}
