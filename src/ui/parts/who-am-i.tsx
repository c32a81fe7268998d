import type { WhoAmIAnswer } from '../api/answers.ts';
import { logOut } from '../api/login.ts';
import { scopeText } from './scope-text.ts';

/** Who is logged in and what they see of it all; nothing where nobody is asked. */
export function WhoAmI({ me }: { readonly me: WhoAmIAnswer }) {
  if (me.name === null) return null;
  const scope = scopeText(me.namespaces);
  return (
    <span class="who">
      <span class="who-name" title={`${me.name}: ${scope}`}>
        {me.name}
      </span>
      {me.namespaces !== null && <span class="who-scope muted">{scope}</span>}
      {me.hasSession && <button onClick={() => void logOut()}>Log out</button>}
    </span>
  );
}
