import { cleanMessage } from '../model/clean-text.ts';
import type { Bytes } from '../model/units.ts';

/**
 * `refused`: nothing listens on that port of the pod's loopback; `reset`: the connection broke; `silent`: no answer to three
 * pings; `other`: the node could not forward.
 */
export type PortForwardFailure = 'refused' | 'reset' | 'silent' | 'other';

/** Why a forwarded connection ended. */
export class PortForwardError extends Error {
  override readonly name = 'PortForwardError';
  readonly reason: PortForwardFailure;

  constructor(reason: PortForwardFailure, message: string) {
    super(message);
    this.reason = reason;
  }
}

const maxMessageBytes: Bytes = 300;

/**
 * The error of the text that a node sent. Only its part from "failed to connect" on is shown, without the sandbox: the rest
 * tells paths on the node.
 */
export function forwardErrorFromText(text: string): PortForwardError {
  const reason = reasonOf(text);
  const from = text.indexOf('failed to connect');
  if (from < 0) return new PortForwardError(reason, plainMessages[reason]);
  const shown = text.slice(from).replace(/ inside namespace "[^"]*"/, '');
  return new PortForwardError(reason, cleanMessage(shown, maxMessageBytes));
}

const plainMessages: Readonly<Record<PortForwardFailure, string>> = {
  refused: 'nothing listens on this port in the pod',
  reset: 'the pod broke the connection',
  silent: 'the node does not answer',
  other: 'the node could not forward the port; the log of its kubelet says why',
};

function reasonOf(text: string): PortForwardFailure {
  if (/connection refused/i.test(text)) return 'refused';
  return /connection reset|broken pipe/i.test(text) ? 'reset' : 'other';
}
