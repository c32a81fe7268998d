import type { Target } from '../model/target.ts';
import type { Transport } from './transports/transport.ts';

/** How a target is reached and why, or why it cannot be. */
export type TransportChoice =
  | { readonly kind: 'chosen'; readonly transport: Transport; readonly reason: string }
  | { readonly kind: 'missing'; readonly message: string };

/** `auto` is `direct`; any other transport is used only where it is named and there. */
export function chooseTransport(available: readonly Transport[], target: Target): TransportChoice {
  const wanted = target.transport === 'auto' ? 'direct' : target.transport;
  const transport = available.find(({ name }) => name === wanted);
  if (!transport) {
    const names = available.map(({ name }) => name).join(', ') || 'none';
    return { kind: 'missing', message: `transport ${wanted} is not enabled here; enabled: ${names}` };
  }
  const how = target.discoverer === 'static' ? 'the configured URL' : "the pod's own address";
  return { kind: 'chosen', transport, reason: target.transport === 'auto' ? how : `asked for by name` };
}
