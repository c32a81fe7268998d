import { useMemo } from 'preact/hooks';
import type { DiffFlameAnswer } from '../api/answers.ts';
import { diffUrl } from '../api/urls.ts';
import { type Asked, latest, useAnswer } from '../api/use-answer.ts';
import { isFoldedBelow } from '../flame/honest.ts';
import { type FlameModel, nodeAtPath, pathOfText, prepareFlame } from '../flame/model.ts';
import type { Parameters } from '../state/href.ts';

export interface DiffGraph {
  readonly asked: Asked<DiffFlameAnswer>;
  readonly model: FlameModel | undefined;
  /** Names from the root of the profile to the root of `model`: of a subtree that was asked for by itself. */
  readonly above: readonly string[];
  /** The node that is zoomed to. */
  readonly zoom: number;
}

/** The graph of both sides, and the subtree that is zoomed to where the first answer had no room for it. */
export function useDiffGraph(parameters: Parameters, isShown: boolean): DiffGraph {
  const zoomText = parameters['zoom'] ?? '';
  const asked = useAnswer<DiffFlameAnswer>(isShown ? diffUrl(parameters, { format: 'flamegraph' }) : undefined);
  const answer = latest(asked);
  const whole = useMemo(() => answer && prepareFlame(answer), [answer]);
  const path = useMemo(() => pathOfText(zoomText), [zoomText]);
  const node = whole ? nodeAtPath(whole, path) : 0;
  const isWanted = isShown && asked.state === 'answered' && path.length > 0 && isFolded(whole, node);
  const subtree = useAnswer<DiffFlameAnswer>(
    isWanted ? diffUrl(parameters, { format: 'flamegraph', root: zoomText }) : undefined,
  );
  const found = isWanted && subtree.state === 'answered' ? subtree.answer : undefined;
  const inside = useMemo(() => (found && found.name.length > 0 ? prepareFlame(found) : undefined), [found]);
  return inside
    ? { asked, model: inside, above: path, zoom: 0 }
    : { asked, model: whole, above: [], zoom: Math.max(0, node) };
}

function isFolded(model: FlameModel | undefined, node: number): boolean {
  if (!model) return false;
  return node < 0 ? model.rests.node.length > 0 : isFoldedBelow(model, node);
}
