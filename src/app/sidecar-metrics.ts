import type { MetricsRegistry } from '../observe/metrics.ts';
import type { SidecarsPart } from './sidecars.ts';

/** Registers what ephemeral sidecars did and what stands now; nothing is told while they are switched off. */
export function registerSidecarMetrics(
  registry: MetricsRegistry,
  sidecars: Pick<SidecarsPart, 'numbers' | 'status'>,
): void {
  registry.readCounter(
    'flameherd_sidecar_injections_total',
    'Tries to add an ephemeral sidecar to a pod, by result; only `injected` changed a pod.',
    ['result'],
    () =>
      Object.entries(sidecars.numbers()?.injections ?? {}).map(([result, value]) => ({ labels: { result }, value })),
  );
  const count = (value: number | undefined) => (value === undefined ? [] : [{ labels: {}, value }]);
  registry.readCounter(
    'flameherd_sidecar_start_failures_total',
    'Images and pods given up because a sidecar did not start.',
    [],
    () => count(sidecars.numbers()?.startFailures),
  );
  registry.readCounter(
    'flameherd_sidecar_events_dropped_total',
    'Kubernetes Events about injections that could not be written.',
    [],
    () => count(sidecars.numbers()?.eventsDropped),
  );
  registry.gauge(
    'flameherd_sidecars',
    'Ephemeral sidecars in the specs of pods, by state: waiting, running, ended.',
    ['state'],
    () => {
      const states: Record<string, number> = { waiting: 0, running: 0, ended: 0 };
      for (const { state } of sidecars.status().pods.flatMap((pod) => pod.sidecars)) {
        states[state] = (states[state] ?? 0) + 1;
      }
      return Object.entries(states).map(([state, value]) => ({ labels: { state }, value }));
    },
  );
  registry.gauge(
    'flameherd_sidecar_breakers_open',
    'Images, namespaces and pods that are left alone for a while because sidecars failed there.',
    ['scope'],
    () =>
      ['image', 'namespace', 'pod'].map((scope) => ({
        labels: { scope },
        value: sidecars.status().breakers.filter((open) => open.scope === scope).length,
      })),
  );
}
