import { useRef, useState } from 'preact/hooks';
import { counted } from '../../model/human-value.ts';
import type { Matcher } from '../../model/selector.ts';
import { latest } from '../api/use-answer.ts';
import { Choice } from './choice.tsx';
import { LabelChip, ValuePanel } from './label-chip.tsx';
import { exchange, otherMatchers } from './query.ts';
import { countLabels } from './services.ts';
import type { PartProps } from './type-choice.tsx';
import { noteOf, serviceMatchers, useLabels, useSeries, useValues } from './use-choices.ts';

/** What else is selected by: a chip a condition, and a way to add one. */
export function LabelChoices({ window, selector, select }: PartProps) {
  const [isWanted, setIsWanted] = useState(false);
  const [adding, setAdding] = useState<string>();
  const [changing, setChanging] = useState<string>();
  const series = useSeries(window, isWanted ? serviceMatchers(selector) : undefined);
  const labels = useLabels(window, selector, isWanted);
  const values = useValues(adding ?? changing, { window, selector, series });
  const anchor = useRef<HTMLSpanElement>(null);
  const own = latest(series)?.series ?? [];
  const names = [
    ...countLabels(own).map(({ name, values: count }) => ({
      value: name,
      label: name,
      detail: counted(count, 'value'),
    })),
    ...(latest(labels)?.sampleLabels ?? []).map((name) => ({ value: name, label: name, detail: 'of samples' })),
  ];
  const change = (before: Matcher | undefined, after: Matcher | undefined) => {
    setAdding(undefined);
    select(exchange(selector, before, after));
  };
  return (
    <>
      {otherMatchers(selector).map((matcher) => (
        <LabelChip
          key={`${matcher.name}${matcher.operator}${matcher.value}`}
          matcher={matcher}
          values={values}
          onOpen={() => {
            setIsWanted(true);
            setChanging(matcher.name);
          }}
          onChange={(after) => change(matcher, after)}
        />
      ))}
      <span ref={anchor}>
        <Choice
          label="Label"
          options={names}
          note={noteOf(series)}
          onOpen={() => setIsWanted(true)}
          onChoose={setAdding}
          free={{ first: false, label: (typed) => `the label ${typed}` }}
        >
          + label
        </Choice>
      </span>
      {adding !== undefined && (
        <ValuePanel
          anchor={anchor}
          matcher={{ name: adding, operator: '=', value: '' }}
          values={values}
          onClose={() => setAdding(undefined)}
          onChoose={(matcher) => change(undefined, matcher)}
        />
      )}
    </>
  );
}
