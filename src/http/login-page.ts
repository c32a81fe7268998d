import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FastifyReply } from 'fastify';
import type { FlameherdError } from '../model/errors.ts';
import { type Html, html, page } from './html.ts';

/** Where the body goes in the page that the build makes, with its styles. */
const place = '<!--door-->';

/** Forms go to this server only. With `no-referrer` browsers would say of them that they come from nowhere (`Origin: null`). */
const headers = {
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; form-action 'self'; " +
    "frame-ancestors 'none'; base-uri 'none'",
  'Referrer-Policy': 'same-origin',
} as const;

export interface LoginPage {
  /** Where to go then, as `safePlace` gives it. */
  readonly next: string;
  /** What was wrong with the last try. */
  readonly notice: string | undefined;
  /** The audience of tokens of the cluster; undefined where tokens are those of a file. */
  readonly audience: string | undefined;
}

/** The page on which people log in: nothing is on it that somebody may not know. */
export function loginPage({ next, notice, audience }: LoginPage): Html {
  return html`<h1>${brand} Log in</h1>
${notice === undefined ? html`` : html`<p class="problem" role="alert">${notice}</p>`}
<form method="post" action="/login">
<input type="hidden" name="next" value="${next}">
<label for="token">Token</label>
<input id="token" name="token" type="password" autocomplete="current-password" required autofocus spellcheck="false">
<button type="submit">Log in</button>
</form>
${audience === undefined ? ofFile : ofCluster(audience)}`;
}

const brand = html`<img src="/assets/flameherd.svg" alt="" width="20" height="20"> flameherd:`;

const ofFile = html`<p class="note">It is one of those in <code>auth.tokenFile</code>: whoever runs flameherd has them.</p>`;

function ofCluster(audience: string): Html {
  return html`<p class="note">A token of your cluster. This makes one, of a ServiceAccount that you may use:</p>
<pre id="command" tabindex="0"><code>kubectl create token NAME --namespace NAMESPACE --audience ${audience} --duration 8h</code></pre>
<p><button type="button" id="copy" hidden>Copy the command</button></p>`;
}

/** For a person who was refused: as problems are told to programs, and what may be done about it. */
export function refusalPage(
  error: FlameherdError,
  { hasSession, loginUrl }: { readonly hasSession: boolean; readonly loginUrl: string | undefined },
): Html {
  return html`<h1>${brand} ${error.status === 503 ? 'not now' : 'no'}</h1>
<div class="problem" role="alert">
<p><strong>${error.message}</strong></p>
${error.hint === undefined ? html`` : html`<p>${error.hint}</p>`}
<p class="problem-code">${error.code}, HTTP ${error.status}</p>
</div>
${hasSession ? html`<form method="post" action="/logout"><button type="submit">Log out</button></form>` : html``}
${!hasSession && loginUrl !== undefined ? html`<p><a href="${loginUrl}">Log in</a></p>` : html``}`;
}

/** Sends one of these, in the style of the pages where they are built, and plain where they are not. */
export async function sendDoorPage(
  reply: FastifyReply,
  pagesDir: string,
  { status, title, body }: { readonly status: number; readonly title: string; readonly body: Html },
): Promise<FastifyReply> {
  const built = await readFile(join(pagesDir, 'login/index.html'), 'utf8').catch(() => undefined);
  const text = built?.includes(place)
    ? built.replace(place, () => body.text).replace('<title>flameherd</title>', () => `<title>${title}</title>`)
    : page(title, body);
  return reply.code(status).headers(headers).type('text/html; charset=utf-8').send(text);
}
