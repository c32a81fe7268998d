import type { ComponentType } from 'preact';
import { useState } from 'preact/hooks';
import type { WhoAmIAnswer } from './api/answers.ts';
import { useKept } from './api/use-kept.ts';
import { HelpDialog } from './parts/help-dialog.tsx';
import { later } from './parts/later.tsx';
import { Page } from './parts/page.tsx';
import { WhoAmI } from './parts/who-am-i.tsx';
import { useKeys } from './state/keys.ts';
import { hrefOf, type Place, usePlace } from './state/place.ts';
import { toggleTheme, useTheme } from './state/theme.ts';
import { ServerNotices } from './status/server-notices.tsx';

/** Each page is a script of its own, so that none waits for the others. */
function page(load: () => Promise<ComponentType>): ComponentType {
  return later(load, Blank);
}

const pages: Readonly<Record<string, { readonly label: string; readonly page: ComponentType }>> = {
  '/': { label: 'Services', page: page(async () => (await import('./home/home.tsx')).Home) },
  '/explore': { label: 'Explore', page: page(async () => (await import('./explore/explore.tsx')).Explore) },
  '/diff': { label: 'Diff', page: page(async () => (await import('./diff/diff.tsx')).Diff) },
  '/rollouts': { label: 'Roll-outs', page: page(async () => (await import('./rollouts/rollouts.tsx')).Rollouts) },
  '/growth': { label: 'Growth', page: page(async () => (await import('./growth/growth.tsx')).Growth) },
  '/targets': { label: 'Targets', page: page(async () => (await import('./targets/targets.tsx')).Targets) },
  '/status': { label: 'Status', page: page(async () => (await import('./status/status.tsx')).Status) },
};
const EventPage = page(async () => (await import('./growth/event.tsx')).EventPage);

/** What somebody may do changes without a word, such as by a RoleBinding. */
const askedEveryMs = 60_000;

/** What stays while pages change: the way to each of them, the theme, the keys, and how the server is. */
export function Shell() {
  const place = usePlace();
  const theme = useTheme();
  const { answer: me, problem } = useKept<WhoAmIAnswer>('/api/v1/whoami', { everyMs: askedEveryMs });
  const [isHelpShown, showHelp] = useState(false);
  useKeys({
    '?': { does: 'show this list of keys', run: () => showHelp(true) },
    t: { does: 'change between light and dark', run: toggleTheme },
  });
  const Shown = pageOf(place);
  return (
    <>
      <a class="skip" href="#main" onClick={skip}>
        Skip to the content
      </a>
      <header class="bar">
        <a class="brand" href="/">
          <img src="/assets/flameherd.svg" alt="" width="18" height="18" /> flameherd
        </a>
        <nav aria-label="Pages">
          {Object.entries(pages).map(([path, { label }]) => (
            <a key={path} href={hrefOf(path, carried(path, place))} aria-current={currentOf(path, place)}>
              {label}
            </a>
          ))}
        </nav>
        {me && <WhoAmI me={me} />}
        <button class="plain" onClick={() => showHelp(true)} aria-label="Keys and help" title="Keys and help (?)">
          ?
        </button>
        <button
          class="plain"
          onClick={toggleTheme}
          aria-label={`Change to the ${theme === 'dark' ? 'light' : 'dark'} theme`}
          title="Light or dark (t)"
        >
          ◐
        </button>
      </header>
      <ServerNotices maySeeStatus={me?.permissions.includes('status') ?? false} unknown={problem} />
      <Shown />
      {isHelpShown && <HelpDialog onClose={() => showHelp(false)} />}
    </>
  );
}

/** Without the address: it is the state, and says nothing of where on the page somebody is. */
function skip(event: Event): void {
  event.preventDefault();
  document.getElementById('main')?.focus();
}

/** What a page is about goes along to those that ask the same: the query and its window. */
function carried(path: string, { path: from, parameters }: Place): Record<string, string | undefined> {
  const isAsked = (page: string) => page === '/explore' || page === '/diff';
  if (!isAsked(path) || !isAsked(from)) return {};
  const { query, from: start, to } = parameters;
  return { query, from: start, to };
}

/** An event is a page below that of growth. */
function currentOf(path: string, { path: now }: Place): 'page' | 'true' | undefined {
  if (path === now) return 'page';
  return path === '/growth' && now.startsWith('/a/') ? 'true' : undefined;
}

function pageOf({ path }: Place): ComponentType {
  if (path.startsWith('/a/')) return EventPage;
  return pages[path]?.page ?? Nowhere;
}

/** While the script of a page is on its way. */
function Blank() {
  return <main id="main" class="page" aria-busy="true" />;
}

function Nowhere() {
  return (
    <Page title="There is no such page">
      <p>
        <a href="/">All services</a>
      </p>
    </Page>
  );
}
