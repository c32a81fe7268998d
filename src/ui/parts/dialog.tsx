import './dialog.css';
import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';

/**
 * A dialog over the page, which waits until it is closed: by Esc, by its cross, by a click beside it, or by what is in it. It is
 * open as long as it is drawn; it keeps the focus, and gives it back afterwards.
 */
export function Dialog({
  title,
  onClose,
  children,
}: {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useEffect(() => {
    const before = document.activeElement;
    // `open` as an attribute would show it without a backdrop and leave the page behind it in reach.
    if (dialog.current?.open === false) dialog.current.showModal();
    return () => {
      // The browser gives the focus back when a dialog is closed, not when it is taken away.
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the key that closes it is Esc, which the browser tells as `close`.
    <dialog
      ref={dialog}
      class="dialog"
      aria-labelledby={titleId}
      onClose={onClose}
      onClick={(event) => event.target === dialog.current && onClose()}
    >
      <div class="dialog-inside">
        <div class="dialog-head">
          <h2 id={titleId}>{title}</h2>
          <button class="plain" onClick={onClose} aria-label="Close">
            ✕
          </button>
        </div>
        {children}
      </div>
    </dialog>
  );
}

/** The buttons at the end of a dialog that asks: what is done stands on the button. */
export function DialogButtons({ children }: { readonly children: ComponentChildren }) {
  return <div class="dialog-buttons">{children}</div>;
}
