import type { MetricsRegistry } from '../observe/metrics.ts';
import type { StreamNumbers } from '../scrape/stream-budget.ts';
import type { TransportNumbers } from './transports.ts';

/** What the transports through the API server use of it, and how much they may. */
export function registerTransportMetrics(registry: MetricsRegistry, read: () => TransportNumbers): void {
  const each = (of: (now: StreamNumbers) => number) => () =>
    read().streams.map((now) => ({ labels: { transport: now.transport }, value: of(now) }));
  const byTransport = ['transport'] as const;
  registry.gauge(
    'flameherd_transport_streams',
    'Streams through the API server in use.',
    byTransport,
    each(({ inUse }) => inUse),
  );
  registry.gauge(
    'flameherd_transport_streams_waiting',
    'Scrapes that wait for one.',
    byTransport,
    each(({ waiting }) => waiting),
  );
  registry.gauge(
    'flameherd_transport_streams_limit',
    'How many may be in use, in all (`streams`), to one node (`streams_per_node`), and opened a second to one node (`per_second`).',
    ['transport', 'bound'],
    () =>
      read().streams.flatMap(({ transport, limits: { streams, streamsPerNode, perSecond } }) =>
        Object.entries({ streams, streams_per_node: streamsPerNode, per_second: perSecond }).map(([bound, value]) => ({
          labels: { transport, bound },
          value,
        })),
      ),
  );
  registry.readCounter(
    'flameherd_transport_streams_opened_total',
    'Streams opened through the API server.',
    byTransport,
    each(({ opened }) => opened),
  );
  registry.readCounter(
    'flameherd_transport_refused_total',
    'Scrapes left out because of a bound of `transports`: no place came free within 5 s, or the turn to open a stream was further off.',
    ['transport', 'bound'],
    () =>
      read().streams.flatMap(({ transport, refused }) =>
        Object.entries(refused).map(([bound, value]) => ({ labels: { transport, bound }, value })),
      ),
  );
  const kept = (of: (now: NonNullable<TransportNumbers['kept']>) => number) => () => {
    const now = read().kept;
    return now === undefined ? [] : [{ labels: {}, value: of(now) }];
  };
  registry.gauge(
    'flameherd_transport_streams_kept',
    'Idle port-forward streams kept for the next scrape; `transports.portForward.kept` is the bound.',
    [],
    kept(({ count }) => count),
  );
  registry.readCounter(
    'flameherd_transport_streams_evicted_total',
    'Idle port-forward streams closed to make room for others.',
    [],
    kept(({ evicted }) => evicted),
  );
}
