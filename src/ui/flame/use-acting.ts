import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { type Keys, useKeys } from '../state/keys.ts';
import { type Acting, goToNextMatch, graphKeys, type Said } from './actions.ts';
import type { FlameGraphProps } from './graph-props.ts';
import type { Staged } from './use-stage.ts';

const noKeys: Keys = {};

export interface Handlers {
  /** What is told of what the pointer or the focus is on. */
  readonly said: Said | undefined;
  /** Makes an action a handler of events. */
  readonly on: <Event>(action: (now: Acting, event: Event) => void) => (event: Event) => void;
  readonly press: (event: KeyboardEvent) => void;
  /** What to do when the focus comes, or goes. */
  readonly focus: (to: boolean) => () => void;
}

/** What a person can do with a graph by pointer and by keys; its owner can do the same through `props.handle`. */
export function useActing(props: FlameGraphProps, { stage, marks, found }: Staged): Handlers {
  const { inverted = false } = props;
  const [said, say] = useState<Said>();
  const [isFocused, setFocused] = useState(false);
  const latest = useRef(props);
  latest.current = props;
  const acting = (): Acting | undefined =>
    stage.current ? { stage: stage.current, props: latest.current, say } : undefined;
  const keys = useMemo(() => graphKeys(acting, inverted), [inverted]);
  // For the list of keys; they act at once, from the first moment of the focus.
  useKeys(isFocused ? keys : noKeys);
  useLayoutEffect(() => {
    if (!props.handle) return;
    props.handle.current = {
      focus: () => marks.current?.focus(),
      nextMatch: (step) => {
        const now = acting();
        return now && goToNextMatch(now, found, step);
      },
      svg: () => stage.current?.svg(props) ?? '',
      png: () => stage.current?.png(props) ?? Promise.reject(new Error('no graph is shown')),
    };
  });
  return {
    said,
    on: (action) => (event) => {
      const now = acting();
      if (now) action(now, event);
    },
    press(event) {
      const key = keys[event.key];
      if (!key || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      key.run();
    },
    focus: (to) => () => {
      setFocused(to);
      if (!to) say(undefined);
      if (!stage.current) return;
      stage.current.isFocusShown = to && marks.current?.matches(':focus-visible') === true;
      stage.current.paintMarks();
    },
  };
}
