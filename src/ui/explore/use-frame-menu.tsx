import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { Menu, type MenuItem } from '../parts/menu.tsx';
import { hrefOf, type Parameters } from '../state/href.ts';
import { change } from '../state/place.ts';
import { addFilter, expressionOf, granularityOf } from './filters.ts';
import { diffParameters, ofOneGraph } from './parameters.ts';
import { useCopy } from './use-copy.tsx';

/** A frame of the graph, or a function of the table. */
export interface Frame {
  readonly name: string;
  /** Of a frame: its place in the graph, as the URL has it. */
  readonly zoom: string | undefined;
}

interface Place {
  readonly x: number;
  readonly y: number;
}

/** What can be done with a frame, where it was clicked. */
export function useFrameMenu(parameters: Parameters): {
  readonly open: (frame: Frame, at: Place) => void;
  readonly shown: ComponentChildren;
} {
  const [opened, setOpened] = useState<{ readonly frame: Frame; readonly at: Place }>();
  const { copy, shown: copied } = useCopy();
  const shown = (
    <>
      {opened && (
        <Menu
          label={`Actions for ${opened.frame.name}`}
          title={opened.frame.name}
          items={itemsOf(opened.frame, parameters, copy)}
          at={opened.at}
          onClose={() => setOpened(undefined)}
        />
      )}
      {copied}
    </>
  );
  return { open: (frame, at) => setOpened({ frame, at }), shown };
}

function itemsOf({ name, zoom }: Frame, parameters: Parameters, copy: (text: string) => void): (MenuItem | null)[] {
  const granularity = granularityOf(parameters);
  const expression = expressionOf(name, granularity);
  const filter = (kind: 'focus' | 'hide' | 'ignore') => () =>
    change({ ...addFilter(parameters, kind, expression), ...ofOneGraph });
  const diff = { ...diffParameters(parameters), ...addFilter(parameters, 'focus', expression) };
  return [
    ...(zoom === undefined ? [] : [{ label: 'Zoom in', run: () => change({ zoom, span: undefined }) }]),
    { label: 'Callers and callees', detail: 'sandwich', run: () => change({ view: 'sandwich', function: name }) },
    ...(granularity === 'functions' ? [{ label: 'Follow over time', run: () => change({ function: name }) }] : []),
    null,
    { label: 'Focus', detail: 'only stacks with it', run: filter('focus') },
    { label: 'Hide', detail: 'callers take its time', run: filter('hide') },
    { label: 'Ignore', detail: 'no stacks with it', run: filter('ignore') },
    { label: 'Diff only this', href: hrefOf('/diff', diff) },
    null,
    { label: 'Search for it', run: () => change({ search: expression }) },
    { label: 'Copy the name', run: () => copy(name) },
  ];
}
