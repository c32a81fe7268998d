import type { Discoverer, ExplainSubject, Explanation } from '../discovery/discoverer.ts';
import type { TargetGroup } from '../model/target.ts';

/** Runs discoverers until it is disposed of; one that fails is a fault of ours, for they promise not to. */
export function runDiscoverers(
  discoverers: readonly Discoverer[],
  send: (groups: readonly TargetGroup[]) => void,
  onFault: (error: Error) => void,
): AsyncDisposable {
  const stop = new AbortController();
  const running = discoverers.map((discoverer) =>
    discoverer.run(send, stop.signal).catch((error: unknown) => {
      if (!stop.signal.aborted) onFault(error instanceof Error ? error : new Error(String(error)));
    }),
  );
  return {
    async [Symbol.asyncDispose]() {
      stop.abort();
      await Promise.all(running);
    },
  };
}

/** What explain says where no cluster is watched. */
export function explainWithoutCluster(subject: ExplainSubject): Explanation {
  const name = 'pod' in subject ? `pod ${subject.pod}` : `${subject.workloadKind} ${subject.workload}`;
  return {
    subject: `${name} in namespace ${subject.namespace}`,
    verdict: 'not found',
    because: 'this daemon watches no cluster',
    rules: [{ rule: 'kubernetes', verdict: 'fail', detail: 'discovery.kubernetes is off, or auto outside a cluster' }],
    nearMisses: [],
    hint: 'start it with --kubernetes to use your kubeconfig; static targets are listed by flameherd targets',
    sources: [],
  };
}
