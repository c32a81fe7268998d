import { useState } from 'preact/hooks';
import { parseProfileType } from '../../model/profile-type.ts';
import type { Selector } from '../../model/selector.ts';
import { latest } from '../api/use-answer.ts';
import type { Parameters } from '../state/href.ts';
import { Choice } from './choice.tsx';
import { aliasOf, typeText } from './query.ts';
import { typeRank, typeWords } from './type-words.ts';
import { noteOf, useTypes } from './use-choices.ts';

/** A part of the picker that is there once a service is selected. */
export interface PartProps {
  readonly window: Parameters;
  readonly selector: Selector;
  readonly select: (selector: Selector) => void;
}

/** What is measured: the types that the service has, what people ask for first at the top. */
export function TypeChoice({ window, selector, select }: PartProps) {
  const [isWanted, setIsWanted] = useState(false);
  const asked = useTypes(window, selector, isWanted);
  const types = (latest(asked)?.profileTypes ?? []).toSorted((a, b) => typeRank(a.type) - typeRank(b.type));
  const options = types.flatMap(({ type, alias, series }) => {
    const parsed = parseProfileType(type);
    if (!parsed) return [];
    const detail = `${alias ?? parsed.sampleType} · ${series} series`;
    return [{ value: alias ?? type, words: `${typeWords(parsed)} ${type}`, label: typeWords(parsed), detail }];
  });
  const choose = (value: string) => {
    const type = parseProfileType(value);
    if (type) select({ ...selector, type });
  };
  return (
    <Choice
      label="Profile type"
      options={options}
      chosen={typeText(selector.type)}
      note={noteOf(asked)}
      onOpen={() => setIsWanted(true)}
      onChoose={choose}
    >
      <span title={typeText(selector.type)}>
        {typeWords(selector.type)} <span class="muted selection-alias">{aliasOf(selector.type)}</span>
      </span>
    </Choice>
  );
}
