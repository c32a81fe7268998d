import { isIP } from 'node:net';
import type { LabelSet } from '../model/labels.ts';
import { Interner } from './interner.ts';
import type { EndpointRecord, EndpointSliceRecord, PortRecord, ServiceRecord } from './records.ts';
import { type TrimOptions, trimMetadata } from './trim.ts';

interface WirePort {
  readonly name?: string;
  readonly port?: number;
  readonly protocol?: string;
}

interface WireService {
  readonly spec?: { readonly ports?: readonly WirePort[] };
}

interface WireEndpoint {
  readonly addresses?: readonly string[];
  readonly conditions?: { readonly terminating?: boolean | null };
  readonly targetRef?: {
    readonly kind?: string;
    readonly namespace?: string;
    readonly uid?: string;
  };
}

interface WireSlice {
  readonly metadata?: { readonly namespace?: string; readonly labels?: LabelSet };
  readonly addressType?: string;
  readonly endpoints?: readonly WireEndpoint[];
  readonly ports?: readonly WirePort[];
}

/** What is kept of a Service; undefined when it has no UID or no name. */
export function trimService(object: unknown, options: TrimOptions = {}): ServiceRecord | undefined {
  const base = trimMetadata(object, options);
  if (base === undefined) return undefined;
  const interner = options.interner ?? new Interner();
  return { ...base, ports: interner.object(trimPorts((object as WireService).spec?.ports)) };
}

/**
 * What is kept of an EndpointSlice: the endpoints that are Pods of its own namespace, by address. Names (`FQDN`) lead
 * anywhere, so none of theirs are kept.
 */
export function trimEndpointSlice(object: unknown, options: TrimOptions = {}): EndpointSliceRecord | undefined {
  const base = trimMetadata(object, options);
  if (base === undefined) return undefined;
  const { metadata, addressType, endpoints, ports } = object as WireSlice;
  const interner = options.interner ?? new Interner();
  return {
    ...base,
    service: interner.text(metadata?.labels?.['kubernetes.io/service-name'] ?? ''),
    ports: interner.object(trimPorts(ports)),
    endpoints: addressType === 'FQDN' ? [] : (endpoints ?? []).flatMap((each) => trimEndpoint(each, base.namespace)),
  };
}

function trimEndpoint({ addresses = [], conditions, targetRef }: WireEndpoint, namespace: string): EndpointRecord[] {
  const { kind, uid } = targetRef ?? {};
  if (kind !== 'Pod' || !uid || (targetRef?.namespace ?? namespace) !== namespace) return [];
  const literal = addresses.filter((address) => isIP(address) !== 0);
  return literal.length === 0
    ? []
    : [{ podUid: uid, addresses: literal, terminating: conditions?.terminating === true }];
}

function trimPorts(ports: readonly WirePort[] | undefined): readonly PortRecord[] {
  return (ports ?? []).flatMap(({ name = '', port, protocol = 'TCP' }) =>
    port === undefined ? [] : [{ name, number: port, protocol }],
  );
}
