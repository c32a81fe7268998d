/**
 * Why there is no sidecar to ask:
 * `not-allowed` the namespace has not opted in; `rights` ours are missing; `denied` admission refuses; `unsupported` such a
 * pod can have none; `exhausted` it had all it may; `image` its image does not come; `failed` it does not stay up; `starting`
 * not yet; `held` its turn comes later; `replaced` another pod has its name; `unavailable` the API server does not answer.
 */
export type SidecarFailure =
  | 'not-allowed'
  | 'rights'
  | 'denied'
  | 'unsupported'
  | 'exhausted'
  | 'image'
  | 'failed'
  | 'starting'
  | 'held'
  | 'replaced'
  | 'unavailable';

export class SidecarError extends Error {
  override readonly name = 'SidecarError';
  readonly reason: SidecarFailure;

  constructor(reason: SidecarFailure, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.reason = reason;
  }
}
