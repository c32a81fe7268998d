import { useMemo, useRef } from 'preact/hooks';
import type { FlameAnswer, TopAnswer } from '../api/answers.ts';
import { mergeUrl } from '../api/urls.ts';
import { type Asked, latest, useAnswer } from '../api/use-answer.ts';
import { isFoldedBelow } from '../flame/honest.ts';
import { type FlameModel, nodeAtPath, pathOfText, prepareFlame } from '../flame/model.ts';
import type { Parameters } from '../state/href.ts';

/** A graph, and where in it one looks. */
export interface ShownGraph {
  readonly model: FlameModel;
  /** Names from the root of the profile to the root of `model`: of a subtree that was asked for by itself. */
  readonly above: readonly string[];
  /** The node that is zoomed to; the root where the path leads nowhere. */
  readonly zoom: number;
}

export interface Profile {
  readonly asked: Asked<FlameAnswer>;
  readonly answer: FlameAnswer | undefined;
  /** Of the whole answer. */
  readonly model: FlameModel | undefined;
  readonly shown: ShownGraph | undefined;
  /** The subtree, where the answer has folded what is in it. */
  readonly subtree: Asked<FlameAnswer>;
  /** The zoom of the URL is of a stack that is not in this profile. */
  readonly isLost: boolean;
}

/** What the page's parameters select, and the subtree that is zoomed to where the first answer had no room for it. */
export function useProfile(parameters: Parameters): Profile {
  const { zoom: zoomText = '', max_nodes } = parameters;
  const asked = useAnswer<FlameAnswer>(mergeUrl(parameters, { format: 'flamegraph', max_nodes }));
  const answer = latest(asked);
  const model = useMemo(() => answer && prepareFlame(answer), [answer]);
  const path = useMemo(() => pathOfText(zoomText), [zoomText]);
  const node = model ? nodeAtPath(model, path) : 0;
  const isWanted =
    asked.state === 'answered' && model !== undefined && path.length > 0 && isFolded(model, node, answer);

  const subtree = useAnswer<FlameAnswer>(
    isWanted ? mergeUrl(parameters, { format: 'flamegraph', max_nodes, root: zoomText }) : undefined,
  );
  const found = subtree.state === 'answered' && isWanted ? subtree.answer : undefined;
  const inside = useMemo(() => (found && found.name.length > 0 ? prepareFlame(found) : undefined), [found]);
  const last = useRef<Subtree & { readonly whole: FlameModel }>(undefined);
  if (inside && model) last.current = { model: inside, above: path, whole: model };
  const shown = useMemo(() => {
    const known = last.current?.whole === model ? last.current : undefined;
    return model && whereToLook(model, path, known);
  }, [model, path, inside]);
  const isLost = node < 0 && !inside && subtree.state !== 'asking';
  return { asked, answer, model, shown, subtree, isLost };
}

type Subtree = Omit<ShownGraph, 'zoom'>;

/** The subtree that was asked for last where it has what is zoomed to, else the nearest caller in the whole that is known. */
function whereToLook(model: FlameModel, path: readonly string[], subtree: Subtree | undefined): ShownGraph {
  if (subtree?.above.every((name, at) => name === path[at]) === true) {
    const zoom = nodeAtPath(subtree.model, path.slice(subtree.above.length));
    if (zoom >= 0) return { model: subtree.model, above: subtree.above, zoom };
  }
  for (let length = path.length; length > 0; length--) {
    const zoom = nodeAtPath(model, path.slice(0, length));
    if (zoom >= 0) return { model, above: [], zoom };
  }
  return { model, above: [], zoom: 0 };
}

/** Whether there is more below a node than the answer holds; -1: whether the node itself may have been folded. */
function isFolded(model: FlameModel, node: number, answer: FlameAnswer | undefined): boolean {
  return node < 0 ? (answer?.meta.foldedShare ?? 0) > 0 : isFoldedBelow(model, node);
}

/** How many functions the table has at most. */
const mostFunctions = '20000';

/** Self and total of all functions, by the server: where the graph has not all frames, it cannot tell. */
export function useTop(
  parameters: Parameters,
  answer: FlameAnswer | undefined,
  isWanted: boolean,
): TopAnswer | undefined {
  const isNeeded = isWanted && (answer?.meta.foldedShare ?? 0) > 0;
  return latest(
    useAnswer<TopAnswer>(isNeeded ? mergeUrl(parameters, { format: 'top', limit: mostFunctions }) : undefined),
  );
}
