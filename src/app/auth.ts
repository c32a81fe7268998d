import type { Authenticator } from '../auth/caller.ts';
import { tokenCallers } from '../auth/token-callers.ts';
import type { AuthLog } from '../auth/token-file.ts';
import { TokenFile } from '../auth/token-file.ts';
import type { Config } from '../config/schema.ts';
import { FlameherdError } from '../model/errors.ts';
import type { UnixMs } from '../model/units.ts';

export interface AuthOptions {
  readonly config: Config;
  readonly log: AuthLog;
  readonly now: () => UnixMs;
}

/** Who finds out who calls; undefined where nobody is asked. Throws `bad_config` when its files cannot be used. */
export async function openAuthenticator({ config, log, now }: AuthOptions): Promise<Authenticator | undefined> {
  const { mode, tokenFile } = config.auth;
  switch (mode) {
    case 'none':
      return undefined;
    case 'token':
      return tokenCallers(await TokenFile.open(tokenFile, now, log));
    default:
      throw new FlameherdError('bad_config', `auth.mode: ${mode} is not built yet`);
  }
}
