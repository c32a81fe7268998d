import { cleanMessage } from '../model/clean-text.ts';
import type { Bytes } from '../model/units.ts';
import { KubernetesError } from './errors.ts';

/**
 * `too_large`: stdout exceeds what was allowed; `timeout`: it did not end in time; `not_started`: the container has no such
 * program, or may not run it; `no_status`: the server closed the connection without an exit code; `reset`: the connection
 * broke or fell silent.
 */
export type ExecFailure = 'too_large' | 'timeout' | 'not_started' | 'no_status' | 'reset';

/** Why a command gave no result. */
export class ExecError extends Error {
  override readonly name = 'ExecError';
  readonly reason: ExecFailure;

  constructor(reason: ExecFailure, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.reason = reason;
  }
}

/** What a runtime says of a program that it cannot start. */
const notStarted = /executable file not found|no such file or directory|permission denied|exec format error/i;
/**
 * A container that ended: up to Kubernetes 1.35 the upgrade succeeds and the status says so, from 1.36 on the upgrade is
 * refused with 500. One that the pod does not have: 400.
 */
const noContainer = /container not found|is not valid for pod|container .*not running/i;

const maxMessageBytes: Bytes = 300;

/** The error of a Status on the status channel that has no exit code. */
export function execStatusError({ kind, status, reason, message }: KubernetesError): Error {
  const error = new KubernetesError({ kind, status, reason, message: cleanMessage(message, maxMessageBytes) });
  if (!notStarted.test(message)) return error;
  const program = /exec: ("[^"\p{C}]{0,100}")/u.exec(message)?.[1] ?? 'the program';
  return new ExecError('not_started', `${program} is not in the container, or may not be run there`, error);
}

/** The same kind of error for a missing container, whichever version of Kubernetes answers. */
export function namedContainerError(error: KubernetesError, container: string): Error {
  if (!noContainer.test(error.message)) return error;
  return new KubernetesError({
    kind: 'not-found',
    status: error.status,
    message: `the pod has no running container ${JSON.stringify(container)}: ${error.message}`,
    cause: error,
  });
}
