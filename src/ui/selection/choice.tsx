import type { ComponentChildren } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { later } from '../parts/later.tsx';

/** Fetched when a list is first opened. */
const ChoicePanel = later(async () => (await import('./choice-panel.tsx')).ChoicePanel);

export interface Option {
  readonly value: string;
  readonly label: ComponentChildren;
  /** What is searched in, beside the value. */
  readonly words?: string;
  /** At the right: a count, an alias. */
  readonly detail?: string;
}

export interface ChoiceProps {
  /** What is chosen: `Service`. */
  readonly label: string;
  readonly options: readonly Option[];
  readonly chosen?: string | undefined;
  readonly onChoose: (value: string) => void;
  /** What stands below the list: that it loads, that there is nothing, that there is more. */
  readonly note?: ComponentChildren;
  /** Takes what was typed where no option is meant. */
  readonly free?: { readonly label: (typed: string) => string; readonly first: boolean };
}

/** A button that shows what is chosen, and opens a list to search in. */
export function Choice({
  onOpen,
  children,
  ...props
}: ChoiceProps & { readonly onOpen?: () => void; readonly children: ComponentChildren }) {
  const [isOpen, setIsOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const toggle = () => {
    if (!isOpen) onOpen?.();
    setIsOpen(!isOpen);
  };
  const close = (isDone: boolean) => {
    setIsOpen(false);
    if (isDone) button.current?.focus();
  };
  return (
    <>
      <button
        ref={button}
        class="selection-choice"
        aria-haspopup="dialog"
        aria-expanded={isOpen}
        onClick={toggle}
        onPointerEnter={onOpen}
      >
        <span class="unseen">{props.label}: </span>
        {children}
      </button>
      {isOpen && (
        <ChoicePanel
          {...props}
          anchor={button}
          onClose={close}
          onChoose={(value) => {
            close(true);
            props.onChoose(value);
          }}
        />
      )}
    </>
  );
}
