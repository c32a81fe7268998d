import { formatDuration } from '../model/duration.ts';
import { hour, second } from '../model/units.ts';
import { type ConfigFault, faultOf } from './faults.ts';
import type { Config } from './schema.ts';

/** What `auth.mode` needs beside itself, and what would let in nobody, or anybody. */
export function authFaults({ mode, tokenFile, metrics, kubernetes, header }: Config['auth']): ConfigFault[] {
  return [
    ...(mode === 'token' && tokenFile === ''
      ? [faultOf('auth.tokenFile', 'is empty, and auth.mode is token: name a file with lines of ROLE:TOKEN')]
      : []),
    ...(metrics === 'on' && mode === 'none'
      ? [faultOf('auth.metrics', 'is on, and auth.mode is none: with on it is token, kubernetes or header')]
      : []),
    ...(mode === 'kubernetes' ? audienceFaults(kubernetes.audiences) : []),
    ...(mode === 'header' ? headerFaults(header) : []),
    ...(['rememberToken', 'rememberAllowed', 'rememberDenied'] as const).flatMap((name) =>
      timeFaults(`auth.kubernetes.${name}`, kubernetes[name]),
    ),
  ];
}

/** Without an audience any token of the cluster would do, and whoever was sent one could use it here. */
function audienceFaults(audiences: readonly string[]): ConfigFault[] {
  const key = 'auth.kubernetes.audiences';
  if (audiences.length === 0)
    return [faultOf(key, 'is empty, and auth.mode is kubernetes: name at least one, such as flameherd')];
  return audiences.some((audience) => audience.trim() === '')
    ? [faultOf(key, `${JSON.stringify(audiences)} has an empty entry: each names whom tokens are for`)]
    : [];
}

function headerFaults({ user, groups, secretHeader, secretFile }: Config['auth']['header']): ConfigFault[] {
  const names = { user, groups, secretHeader };
  const faults = Object.entries(names).flatMap(([name, value]) =>
    /^[\w!#$%&'*+.^`|~-]+$/.test(value)
      ? []
      : [faultOf(`auth.header.${name}`, `${JSON.stringify(value)} is no name of a header: such as X-Forwarded-User`)],
  );
  if (new Set(Object.values(names).map((name) => name.toLowerCase())).size < 3) {
    faults.push(
      faultOf('auth.header', `user, groups and secretHeader are ${JSON.stringify(names)}: three names that differ`),
    );
  }
  if (secretFile === '') {
    const why = 'whoever reaches the listener could say who he is: name a file with what the proxy sends';
    faults.push(faultOf('auth.header.secretFile', `is empty, and auth.mode is header: ${why}`));
  }
  return faults;
}

function timeFaults(key: string, givenMs: number): ConfigFault[] {
  if (givenMs >= second && givenMs <= hour) return [];
  return [
    faultOf(key, `${formatDuration(givenMs)} is not between 1s and 1h: so long a right lives on that is taken away`),
  ];
}
