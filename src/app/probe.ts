import type { ProbeFetch } from '../discovery/probe.ts';
import type { Target } from '../model/target.ts';
import { FetchError, type Transport } from '../scrape/transports/transport.ts';

/** Probes over a transport, under its safety rules; what cannot be asked has no answer. */
export function probeOver(transport: Transport): ProbeFetch {
  return async (endpoint, path, { timeoutMs, maxBytes }, signal) => {
    try {
      const request = { endpoint, path, timeoutMs, maxBytes, overMaxBytes: 'cut' } as const;
      const reply = await transport.fetch(probedTarget, request, signal);
      return { status: reply.status, body: reply.kind === 'body' ? reply.bytes : new Uint8Array() };
    } catch (error) {
      if (error instanceof FetchError) return undefined;
      throw error;
    }
  };
}

/** Stands for any pod: the rules of safety look at where it was found, not at what it is. */
const probedTarget: Target = {
  source: 'probe',
  discoverer: 'kubernetes',
  labels: {},
  process: { id: 'probe', slot: 'probe', startedMs: undefined },
  specs: [],
  transport: 'direct',
  state: { kind: 'active' },
  warnings: [],
  terminating: false,
  pod: undefined,
  hostNetwork: false,
};
