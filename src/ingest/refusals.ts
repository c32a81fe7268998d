import type { PlainError } from '../model/errors.ts';
import { knownKinds } from '../model/profile-type.ts';
import type { DecodedProfile } from '../pprof/decoded-profile.ts';
import type { StoredType } from '../store/profile-store.ts';

export interface Refused {
  readonly kind: 'refused';
  readonly error: PlainError;
}

/** A profile that is not taken, and why: data, not a fault. */
export function refused(code: PlainError['code'], message: string, hint?: string): Refused {
  return { kind: 'refused', error: { code, message, ...(hint === undefined ? {} : { hint }) } };
}

export function unknownKind({ sampleTypes }: DecodedProfile): Refused {
  const types = sampleTypes.map(({ type }) => type).join(', ') || 'none';
  const hint = `name the kind: kind=${knownKinds.join(', ')}, or a name of your own`;
  return refused('bad_parameter', `kind: cannot be told from the sample types (${types})`, hint);
}

export function processRequired(types: readonly StoredType[]): Refused {
  const names = types.filter(({ temporality }) => temporality === 'cumulative').map(({ type }) => type);
  return refused(
    'process_required',
    `process: ${names.join(', ')} count since the process started, so the process must be named`,
    'add process=ID, a text that changes with each start, and started=TIME; or as=delta if these are increases already',
  );
}
