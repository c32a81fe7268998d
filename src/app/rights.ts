import type { Config } from '../config/schema.ts';
import type { ClusterAccess } from '../kubernetes/access.ts';
import { Capabilities, type CapabilityName, type MissingRight } from '../kubernetes/capabilities.ts';
import { inCluster } from '../kubernetes/in-cluster.ts';
import { leaseOf, wantedCapabilities } from '../kubernetes/wanted-capabilities.ts';

/** What the API server lets us do, of what the configuration asks for. */
export interface Rights extends AsyncDisposable {
  /** What this capability lacks in this namespace, with the rule to add; undefined when it is granted or not known yet. */
  missing(name: CapabilityName, namespace?: string): MissingRight | undefined;
  /** A request was refused. */
  refused(): void;
  problems(): readonly MissingRight[];
}

/**
 * Asks for the rights at once and from then on; a missing one takes away its capability and nothing else. `asked`: the cluster whose
 * API server says who calls, also where none is watched.
 */
export function startRights(
  config: Config,
  watched: ClusterAccess | undefined,
  asked: ClusterAccess | undefined = watched,
): Rights {
  const access = watched ?? asked;
  if (!access) return noCluster;
  const { only } = config.discovery.namespaces;
  const wanted = wantedCapabilities(config, inCluster());
  const capabilities = new Capabilities({
    client: access.client,
    wanted: watched ? wanted : wanted.filter((name) => name === 'auth'),
    namespaces: only.length > 0 ? only : undefined,
    leaseNamespace: leaseOf(config, access.client.namespace).namespace,
  });
  capabilities.start();
  return {
    missing: (name, namespace) => capabilities.missing(name, namespace),
    refused: () => capabilities.refused(),
    problems: () => capabilities.problems(),
    [Symbol.asyncDispose]: () => capabilities[Symbol.asyncDispose](),
  };
}

const noCluster: Rights = {
  missing: () => undefined,
  refused: () => {},
  problems: () => [],
  [Symbol.asyncDispose]: () => Promise.resolve(),
};
