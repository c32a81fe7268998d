import { useState } from 'preact/hooks';
import { type Matcher, type MatchOperator, matchOperators } from '../../model/selector.ts';
import { ChoicePanel } from './choice-panel.tsx';
import type { ValueList } from './label-chip.tsx';

const meanings: Readonly<Record<MatchOperator, string>> = {
  '=': 'is',
  '!=': 'is not',
  '=~': 'matches',
  '!~': 'does not match',
};

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
