import { useRef, useState } from 'preact/hooks';
import type { Matcher } from '../../model/selector.ts';
import { later } from '../parts/later.tsx';
import type { Option } from './choice.tsx';

/** Fetched when a condition is first written. */
export const ValuePanel = later(async () => (await import('./value-panel.tsx')).ValuePanel);

/** What can be chosen for a label, and what is said below the list. */
export interface ValueList {
  readonly options: readonly Option[];
  readonly note?: string | undefined;
}

/** A condition as a chip: a click changes it, × takes it away. */
export function LabelChip({
  matcher,
  values,
  onChange,
  onOpen,
}: {
  readonly matcher: Matcher;
  readonly values: ValueList;
  /** undefined: taken away. */
  readonly onChange: (matcher: Matcher | undefined) => void;
  readonly onOpen: () => void;
}) {
  const [isOpen, setIsOpen] = useState(false);
  const chip = useRef<HTMLSpanElement>(null);
  const { name, operator, value } = matcher;
  return (
    <span class="selection-chip" ref={chip}>
      <button
        class="plain"
        aria-haspopup="dialog"
        aria-expanded={isOpen}
        title="Change this condition"
        onClick={() => {
          onOpen();
          setIsOpen(!isOpen);
        }}
      >
        <span class="muted">{name}</span> {operator === '=' ? '' : `${operator} `}
        <span class="selection-chip-value">{value === '' ? '(none)' : value}</span>
      </button>
      <button class="plain" aria-label={`Remove ${name} ${operator} ${value}`} onClick={() => onChange(undefined)}>
        ×
      </button>
      {isOpen && (
        <ValuePanel
          anchor={chip}
          matcher={matcher}
          values={values}
          onClose={() => setIsOpen(false)}
          onChoose={(next) => {
            setIsOpen(false);
            onChange(next);
          }}
        />
      )}
    </span>
  );
}
