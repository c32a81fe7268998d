import './menu.css';
import type { ComponentChildren, RefObject, TargetedKeyboardEvent } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';

/** One thing to choose: done, or followed. `null` between items draws a line. */
export interface MenuItem {
  readonly label: string;
  /** Beside the label: a key, a file type. */
  readonly detail?: string;
  readonly run?: () => void;
  readonly href?: string;
  /** The name under which what `href` answers is stored. */
  readonly download?: string;
}

export interface MenuProps {
  readonly label: string;
  readonly items: readonly (MenuItem | null)[];
  /** In pixels of the window; moved where it would not fit. */
  readonly at: { readonly x: number; readonly y: number };
  readonly title?: string | undefined;
  /** A button that closes it by itself. */
  readonly opener?: RefObject<HTMLElement | null>;
  readonly onClose: () => void;
}

/** A context menu: by mouse and by keyboard; it ends with Esc, a choice, or a click beside it, and gives the focus back. */
export function Menu({ label, items, at, title, opener, onClose }: MenuProps) {
  const menu = useRef<HTMLDivElement>(null);
  useFocusInside(menu);
  useCloseOutside([menu, opener], onClose);
  useLayoutEffect(() => {
    if (menu.current) fitInWindow(menu.current, at);
  }, [at.x, at.y]);
  return (
    <div
      ref={menu}
      class="menu"
      role="menu"
      aria-label={label}
      onKeyDown={(event) => onMenuKey(event, onClose)}
      onContextMenu={(event) => event.preventDefault()}
    >
      {title !== undefined && (
        <div class="menu-title" role="presentation">
          {title}
        </div>
      )}
      {items.map((item, index) =>
        item === null ? <hr key={index} class="menu-line" /> : <Item key={item.label} item={item} onClose={onClose} />,
      )}
    </div>
  );
}

function Item({ item: { label, detail, run, href, download }, onClose }: { item: MenuItem; onClose: () => void }) {
  const text = (
    <>
      <span>{label}</span>
      {detail !== undefined && <span class="menu-detail">{detail}</span>}
    </>
  );
  // Closing waits: a link that is gone is not followed.
  const close = () => setTimeout(onClose);
  if (href !== undefined) {
    return (
      <a role="menuitem" tabIndex={-1} href={href} download={download} onClick={close}>
        {text}
      </a>
    );
  }
  const choose = () => {
    onClose();
    run?.();
  };
  return (
    <button role="menuitem" tabIndex={-1} onClick={choose}>
      {text}
    </button>
  );
}

/** A button that opens a menu below it. */
export function MenuButton({
  label,
  items,
  children,
}: {
  readonly label: string;
  readonly items: readonly (MenuItem | null)[];
  readonly children?: ComponentChildren;
}) {
  const [at, setAt] = useState<{ x: number; y: number }>();
  const button = useRef<HTMLButtonElement>(null);
  const toggle = () => {
    const box = button.current?.getBoundingClientRect();
    setAt(at || !box ? undefined : { x: box.left, y: box.bottom + 4 });
  };
  return (
    <>
      <button ref={button} aria-haspopup="menu" aria-expanded={at !== undefined} onClick={toggle}>
        {children ?? label} <span aria-hidden="true">▾</span>
      </button>
      {at && <Menu label={label} items={items} at={at} opener={button} onClose={() => setAt(undefined)} />}
    </>
  );
}

function onMenuKey(event: TargetedKeyboardEvent<HTMLDivElement>, onClose: () => void): void {
  const items = [...event.currentTarget.querySelectorAll<HTMLElement>('[role=menuitem]')];
  const now = items.findIndex((item) => item === document.activeElement);
  const next = { ArrowDown: now + 1, ArrowUp: now - 1, Home: 0, End: -1 }[event.key];
  if (event.key === 'Escape' || event.key === 'Tab') onClose();
  else if (next !== undefined) items.at(next % items.length)?.focus();
  else if (event.key.length === 1 && event.key !== ' ') focusByLetter(items, now, event.key);
  else return;
  event.preventDefault();
  event.stopPropagation();
}

function focusByLetter(items: readonly HTMLElement[], now: number, letter: string): void {
  const begins = (item: HTMLElement) => item.textContent.trim().toLowerCase().startsWith(letter.toLowerCase());
  [...items.slice(now + 1), ...items.slice(0, now + 1)].find(begins)?.focus();
}

/** The first item has the focus; what had it before gets it back, unless the choice moved it. */
function useFocusInside(menu: { readonly current: HTMLElement | null }): void {
  useEffect(() => {
    const before = document.activeElement;
    menu.current?.querySelector<HTMLElement>('[role=menuitem]')?.focus();
    return () => {
      const isTaken = document.activeElement !== document.body && !menu.current?.contains(document.activeElement);
      if (!isTaken && before instanceof HTMLElement) before.focus({ preventScroll: true });
    };
  }, [menu]);
}

/** Ends what is open when something beside it is pressed, or the window changes. */
export function useCloseOutside(
  inside: readonly (RefObject<HTMLElement | null> | undefined)[],
  onClose: () => void,
): void {
  useEffect(() => {
    const close = ({ target }: Event) => {
      if (!inside.some((part) => target instanceof Node && part?.current?.contains(target))) onClose();
    };
    addEventListener('pointerdown', close, true);
    addEventListener('blur', onClose);
    addEventListener('resize', onClose);
    return () => {
      removeEventListener('pointerdown', close, true);
      removeEventListener('blur', onClose);
      removeEventListener('resize', onClose);
    };
  }, [inside, onClose]);
}

/** Puts something that is `fixed` at a place, or as near as it fits. By script, since the policy allows no styles in HTML and the size is known only now. */
export function fitInWindow(menu: HTMLElement, { x, y }: { readonly x: number; readonly y: number }): void {
  const { width, height } = menu.getBoundingClientRect();
  const margin = 6;
  menu.style.left = `${Math.max(margin, Math.min(x, innerWidth - width - margin))}px`;
  menu.style.top = `${Math.max(margin, Math.min(y, innerHeight - height - margin))}px`;
}
