import type { LabelSet } from './labels.ts';
import type { ProfileKind } from './profile-type.ts';
import type { TransportName } from './target.ts';

/** A wish to scrape one process now. */
export interface SnapRequest {
  readonly namespace: string;
  readonly pod: string;
  /** Undefined: the only container of the pod that is scraped. */
  readonly container: string | undefined;
  /** A declared port's name or a number; undefined: as for any scrape. */
  readonly port: string | undefined;
  readonly profile: ProfileKind;
  /** Of a CPU profile; undefined: as for any scrape. */
  readonly seconds: number | undefined;
  /** Whether a pod may be asked that is not opted in: for an admin who has proved to be one. */
  readonly anyPod: boolean;
  /** What is told instead of a pod that is not there is of these namespaces; undefined: of any. */
  readonly namespaces?: ReadonlySet<string> | undefined;
}

export interface Snapped {
  /** The profile as it came: gzip or plain protobuf. */
  readonly bytes: Uint8Array;
  /** Of the stored profile: `/api/v1/profiles/{id}`. */
  readonly id: string;
  readonly labels: LabelSet;
  readonly transport: TransportName;
  readonly transportReason: string;
}
