import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';

/** A page: its title for the tab, its heading, its content. `wide` fills the window and scrolls inside. */
export function Page({
  title,
  heading,
  wide = false,
  children,
}: {
  readonly title: string;
  /** Shown instead of the title. */
  readonly heading?: ComponentChildren;
  readonly wide?: boolean;
  readonly children: ComponentChildren;
}) {
  useEffect(() => {
    document.title = `${title} · flameherd`;
  }, [title]);
  return (
    <main id="main" class={wide ? 'page page-wide' : 'page'} tabIndex={-1}>
      <h1 class={wide ? 'unseen' : ''}>{heading ?? title}</h1>
      {children}
    </main>
  );
}
