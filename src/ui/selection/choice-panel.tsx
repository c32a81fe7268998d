import type { ComponentChildren, RefObject, TargetedKeyboardEvent } from 'preact';
import { useEffect, useId, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { fitInWindow, useCloseOutside } from '../parts/menu.tsx';
import type { ChoiceProps, Option } from './choice.tsx';

/** The list itself, below its anchor: typing narrows it, arrows walk it, Enter takes, Esc leaves. */
export function ChoicePanel({
  anchor,
  onClose,
  children,
  ...props
}: ChoiceProps & {
  readonly anchor: RefObject<HTMLElement | null>;
  readonly onClose: (isDone: boolean) => void;
  /** Above the list. */
  readonly children?: ComponentChildren;
}) {
  const panel = useRef<HTMLDivElement>(null);
  const [typed, setTyped] = useState('');
  const options = useNarrowed(props, typed);
  const [active, setActive] = useState(0);
  const id = useId();
  useCloseOutside([panel, anchor], () => onClose(false));
  useLayoutEffect(() => {
    const box = anchor.current?.getBoundingClientRect();
    if (panel.current && box) fitInWindow(panel.current, { x: box.left, y: box.bottom + 4 });
  }, [anchor, options.length, props.note]);
  // At once: what is typed right after the key that opened it must not get lost.
  useLayoutEffect(() => panel.current?.querySelector('input')?.focus(), []);
  useEffect(() => panel.current?.querySelector('[aria-selected=true]')?.scrollIntoView({ block: 'nearest' }), [active]);

  const onKeyDown = (event: TargetedKeyboardEvent<HTMLInputElement>) => {
    const next = { ArrowDown: active + 1, ArrowUp: active - 1 }[event.key];
    const option = options[active];
    if (next !== undefined) setActive(Math.max(0, Math.min(options.length - 1, next)));
    else if (event.key === 'Enter' && option) props.onChoose(option.value);
    else if (event.key === 'Escape') onClose(true);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div ref={panel} class="selection-panel" role="dialog" aria-label={props.label}>
      {children}
      <input
        role="combobox"
        aria-label={`Search: ${props.label}`}
        placeholder={props.free ? 'Search or type' : 'Search'}
        aria-expanded="true"
        aria-controls={`${id}-list`}
        aria-activedescendant={options[active] ? `${id}-${active}` : undefined}
        autocomplete="off"
        spellcheck={false}
        value={typed}
        onInput={(event) => {
          setTyped(event.currentTarget.value);
          setActive(0);
        }}
        onKeyDown={onKeyDown}
      />
      <div class="selection-options" id={`${id}-list`} role="listbox" aria-label={props.label} tabIndex={-1}>
        {options.slice(0, shownOptions).map(({ value, label, detail }, index) => (
          <div
            key={value}
            id={`${id}-${index}`}
            role="option"
            class="selection-option"
            aria-selected={index === active}
            data-chosen={value === props.chosen}
            onPointerMove={() => setActive(index)}
            onClick={() => props.onChoose(value)}
          >
            <span class="selection-option-label">{label}</span>
            {detail !== undefined && <span class="muted">{detail}</span>}
          </div>
        ))}
      </div>
      <div class="selection-note muted" role="status">
        {options.length > shownOptions
          ? `${options.length - shownOptions} more: type to narrow`
          : options.length === 0
            ? (props.note ?? 'Nothing matches.')
            : props.note}
      </div>
    </div>
  );
}

/** More than anybody scrolls through. */
const shownOptions = 200;

function useNarrowed({ options, free }: ChoiceProps, typed: string): readonly Option[] {
  return useMemo(() => {
    const parts = typed.toLowerCase().split(/\s+/);
    const found = options.filter(({ value, words = '' }) => {
      const text = `${value} ${words}`.toLowerCase();
      return parts.every((part) => text.includes(part));
    });
    const wanted = typed.trim();
    if (!free || wanted === '' || options.some(({ value }) => value === wanted)) return found;
    const own: Option = { value: wanted, label: free.label(wanted) };
    return free.first ? [own, ...found] : [...found, own];
  }, [options, free?.first, typed]);
}
