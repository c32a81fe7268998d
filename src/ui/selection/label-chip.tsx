import { useRef, useState } from 'preact/hooks';
import { type Matcher, type MatchOperator, matchOperators } from '../../model/selector.ts';
import { ChoicePanel, type Option } from './choice.tsx';

const meanings: Readonly<Record<MatchOperator, string>> = {
  '=': 'is',
  '!=': 'is not',
  '=~': 'matches',
  '!~': 'does not match',
};

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

/** How the label is compared, and with which value: one of those there are, or a text of one's own. */
export function ValuePanel({
  anchor,
  matcher,
  values,
  onClose,
  onChoose,
}: {
  readonly anchor: { current: HTMLElement | null };
  readonly matcher: Matcher;
  readonly values: ValueList;
  readonly onClose: (isDone: boolean) => void;
  readonly onChoose: (matcher: Matcher) => void;
}) {
  const [operator, setOperator] = useState(matcher.operator);
  const isExpression = operator.endsWith('~');
  return (
    <ChoicePanel
      label={`Value of ${matcher.name}`}
      options={values.options}
      note={values.note}
      chosen={matcher.value}
      anchor={anchor}
      onClose={onClose}
      onChoose={(value) => onChoose({ ...matcher, operator, value })}
      free={{ first: isExpression, label: (typed) => `${matcher.name} ${meanings[operator]} ${typed}` }}
    >
      <div class="selection-operators" role="group" aria-label={`How ${matcher.name} is compared`}>
        {matchOperators.map((one) => (
          <button key={one} aria-pressed={one === operator} title={meanings[one]} onClick={() => setOperator(one)}>
            {one}
          </button>
        ))}
        <span class="muted">{isExpression ? 'expression, of the whole value' : meanings[operator]}</span>
      </div>
    </ChoicePanel>
  );
}
