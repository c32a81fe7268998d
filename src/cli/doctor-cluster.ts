import { hostname } from 'node:os';
import type { Config } from '../config/schema.ts';
import { type ClusterAccess, clusterAccess } from '../kubernetes/access.ts';
import { type CapabilityName, missingRight, scopesOf } from '../kubernetes/capabilities.ts';
import type { KubernetesClient } from '../kubernetes/client.ts';
import { KubernetesError } from '../kubernetes/errors.ts';
import { inCluster } from '../kubernetes/in-cluster.ts';
import { type LeaseRecord, listLeases, readLease } from '../kubernetes/lease.ts';
import { openPortForward } from '../kubernetes/port-forward.ts';
import { discoveryRights, reviewRights } from '../kubernetes/rights.ts';
import { holdsLease, leaseOf, wantedCapabilities } from '../kubernetes/wanted-capabilities.ts';
import { messageOf } from '../model/errors.ts';
import { parseImageReference } from '../model/image-reference.ts';
import { second } from '../model/units.ts';
import { examineInstall } from './doctor-install.ts';
import type { Finding } from './finding.ts';

/** Clocks that differ by more make charts and alerts disagree. */
const tolerableSkewMs = 5 * second;
const patienceMs = 5 * second;

/** What the cluster would let a daemon with this configuration do. Nothing is changed in it. */
export async function examineCluster(config: Config): Promise<Finding[]> {
  const { kubeconfig, context } = config.discovery;
  try {
    await using access = await clusterAccess({ kubeconfig, context });
    const { server, version, skewMs } = await access.greet();
    return [
      { what: 'API server', verdict: 'good', detail: `${server}, Kubernetes ${version}` },
      clock(skewMs),
      ...(await discovery(config, access)),
      ...(await capabilities(config, access)),
      ...(await lease(config, access)),
      ...(await portForward(config, access)),
      ...sidecarImage(config),
      ...(await examineInstall(access.client, access.client.namespace)),
    ];
  } catch (error) {
    const hint = (error as { hint?: string }).hint ?? unreachableHint(messageOf(error));
    return [{ what: 'API server', verdict: 'bad', detail: messageOf(error), hint }];
  }
}

/** What usually stands behind it. */
function unreachableHint(message: string): string {
  if (/ENOTFOUND|EAI_AGAIN/.test(message))
    return 'its name is not found: is DNS reachable from here (NetworkPolicy to port 53)?';
  if (/certificate|self-signed|altnames/i.test(message)) return 'is the CA of the kubeconfig that of this server?';
  if (/Unauthorized|401/.test(message))
    return 'who asks is not known to it: log in again, or look at the token of the ServiceAccount';
  if (/timeout|timed out|EHOSTUNREACH|ENETUNREACH/i.test(message))
    return 'something drops packets on the way: a NetworkPolicy without egress to the API server, a firewall, a VPN';
  return 'is the kubeconfig right, and the server reachable from here?';
}

function clock(skewMs: number): Finding {
  const good = Math.abs(skewMs) <= tolerableSkewMs;
  const seconds = (Math.abs(skewMs) / second).toFixed(1);
  return {
    what: 'clock',
    verdict: good ? 'good' : 'bad',
    detail: `${seconds} s ${skewMs < 0 ? 'behind' : 'ahead of'} the API server's`,
    hint: good ? undefined : 'profiles are stamped by this clock; keep it in step with NTP',
  };
}

async function discovery(config: Config, { client }: ClusterAccess): Promise<Finding[]> {
  const reports = await reviewRights(client, discoveryRights(namespacesOf(config)));
  return reports.map(({ right, allowed, missingVerbs, hint }) => {
    const what = `${right.resource.plural}${right.namespace ? ` in ${right.namespace}` : ''}`;
    const isMust = right.resource.plural === 'pods';
    return {
      what: 'right',
      verdict: allowed ? 'good' : isMust ? 'bad' : 'note',
      detail: allowed ? `${what}: ${right.verbs.join(', ')}` : `${what}: ${missingVerbs.join(', ')} is missing`,
      hint,
    };
  });
}

/** The rights of all that the configuration switches on; without one of them that alone is off. */
async function capabilities(config: Config, { client }: ClusterAccess): Promise<Finding[]> {
  const services: readonly CapabilityName[] = config.discovery.services ? ['services'] : [];
  const wanted = [...services, ...wantedCapabilities(config, inCluster())];
  const { namespace: leaseNamespace } = leaseOf(config, client.namespace);
  const findings: Finding[] = [];
  for (const name of wanted) {
    for (const namespace of scopesOf(name, { namespaces: namespacesOf(config), leaseNamespace })) {
      const missing = await missingRight(client, name, namespace);
      const where = namespace === undefined ? '' : ` in ${namespace}`;
      findings.push(
        missing
          ? { what: 'right', verdict: name === 'auth' ? 'bad' : 'note', detail: missing.what, hint: missing.hint }
          : { what: 'right', verdict: 'good', detail: `${name}${where}: all that it needs` },
      );
    }
  }
  return findings;
}

/** Who scrapes this cluster now: by the Lease that a daemon would hold here, or by any, where it would only respect them. */
async function lease(config: Config, { client }: ClusterAccess): Promise<Finding[]> {
  if (config.lease.mode === 'off') return [];
  const what = 'lease';
  const { namespace, name } = leaseOf(config, client.namespace);
  const holds = holdsLease(config, inCluster());
  const signal = AbortSignal.timeout(patienceMs);
  try {
    const leases = holds
      ? [await readLease(client, namespace, name, signal)]
      : await listLeases(client, config.lease.namespace || undefined, signal);
    const held = leases.filter((each) => each !== undefined).filter(({ holder }) => holder !== '');
    const nobody = holds ? `nobody holds ${namespace}/${name}` : 'no collector holds a Lease';
    if (held.length === 0) return [{ what, verdict: 'good', detail: nobody }];
    return held.map((each) => ({ what, verdict: 'good', detail: describeLease(each) }));
  } catch (error) {
    const which = holds ? `${namespace}/${name}` : 'Leases';
    return [{ what, verdict: 'note', detail: `${which} cannot be read: ${messageOf(error)}` }];
  }
}

function describeLease({ namespace, name, holder, renewedMs }: LeaseRecord): string {
  const held = `${namespace}/${name} is held by ${holder.split('_')[0]}`;
  if (renewedMs === undefined) return held;
  return `${held}, renewed ${Math.max(0, Math.round((Date.now() - renewedMs) / second))} s ago by its own clock`;
}

/**
 * Whether a websocket comes through to the API server. In a pod it is opened to ourselves; elsewhere to a pod that does not
 * exist, which the server says when it gets the question, and what stands before it does not know.
 */
async function portForward(config: Config, { client }: ClusterAccess): Promise<Finding[]> {
  if (!config.transports.portForward.enabled) return [];
  const what = 'port-forward';
  try {
    await openAndClose(client, config.http.opsListen?.port || 4281);
    return [{ what, verdict: 'good', detail: 'a websocket to this pod opens' }];
  } catch (error) {
    const kind = error instanceof KubernetesError ? error.kind : undefined;
    if (kind === 'not-found')
      return [{ what, verdict: 'good', detail: 'the API server answers when it is asked for one' }];
    // The missing right was told above.
    if (kind === 'forbidden') return [];
    const hint =
      'pods that listen on 127.0.0.1 only are not reached; does a proxy before the API server pass websockets?';
    return [{ what, verdict: 'note', detail: messageOf(error), hint }];
  }
}

async function openAndClose(client: KubernetesClient, port: number): Promise<void> {
  const pod = inCluster()
    ? { namespace: client.namespace ?? 'default', name: hostname() }
    : { namespace: client.namespace ?? 'default', name: 'flameherd-doctor-asks' };
  const stream = await openPortForward(client, pod, port, {
    signal: AbortSignal.timeout(patienceMs),
    handshakeMs: patienceMs,
  });
  stream.on('error', () => {});
  stream.destroy();
}

/** A bad reference is refused with the configuration; here it is said which image that is. */
function sidecarImage({ transports }: Config): Finding[] {
  const { enabled, image } = transports.ephemeral;
  const reference = parseImageReference(image);
  if (!enabled) return [];
  const what = 'sidecar image';
  if (typeof reference === 'string') return [{ what, verdict: 'bad', detail: reference }];
  if (reference.digest) return [{ what, verdict: 'good', detail: image }];
  const hint = 'pin it by its digest: each node may have another image under this name';
  return [{ what, verdict: 'note', detail: `${image} has no digest`, hint }];
}

function namespacesOf({ discovery: { namespaces } }: Config): readonly string[] | undefined {
  return namespaces.only.length > 0 ? namespaces.only : undefined;
}
