import { useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import { humanValue } from '../../model/human-value.ts';
import type { FlameAnswer } from '../api/answers.ts';
import { mergeUrl } from '../api/urls.ts';
import { useAnswer } from '../api/use-answer.ts';
import { FlameGraph } from '../flame/flame-graph.tsx';
import { type FlameModel, nameOf, prepareFlame } from '../flame/model.ts';
import { partsOf } from '../flame/names.ts';
import { useSandwich } from '../flame/use-sandwich.ts';
import type { Parameters } from '../state/href.ts';
import { change } from '../state/place.ts';
import { expressionOf, granularityOf } from './filters.ts';
import { useNameIndex } from './graph-view.tsx';

interface SandwichProps {
  readonly parameters: Parameters;
  readonly model: FlameModel;
  readonly onMenu: (frame: { name: string; zoom: undefined }, at: { x: number; y: number }) => void;
}

/** All calls of one function as one: who called it above, what it called below. A click goes on to another function. */
export function SandwichView(props: SandwichProps) {
  const { parameters, model } = props;
  const { function: name } = parameters;
  const whole = useFocused(parameters, model, name);
  const index = useNameIndex(whole, name);
  if (name === undefined) {
    return <p class="explore-nothing">Choose a function in the table to see who calls it and what it calls.</p>;
  }
  if (index < 0) {
    return (
      <p class="explore-nothing">
        {name} is not in this profile. Choose another function in the table, or a longer time.
      </p>
    );
  }
  return <Layers {...props} whole={whole} name={name} index={index} />;
}

/** Where frames were folded, the stacks with the function are asked for by themselves: there are fewer, so more of them have room. */
function useFocused(parameters: Parameters, model: FlameModel, name: string | undefined): FlameModel {
  const isFolded = model.rests.node.length > 0;
  const url =
    isFolded && name !== undefined && parameters['focus'] === undefined
      ? mergeUrl({ ...parameters, focus: expressionOf(name, granularityOf(parameters)) }, { format: 'flamegraph' })
      : undefined;
  const asked = useAnswer<FlameAnswer>(url);
  const answer = asked.state === 'answered' && asked.answer.name.length > 0 ? asked.answer : undefined;
  return useMemo(() => {
    if (!answer) return model;
    const focused = prepareFlame(answer);
    return { ...focused, wholeTotal: model.wholeTotal, factor: model.factor };
  }, [answer, model]);
}

function Layers({
  parameters: { search },
  whole,
  name,
  index,
  onMenu,
}: SandwichProps & { readonly whole: FlameModel; readonly name: string; readonly index: number }) {
  const layers = useSandwich(whole, index);
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => keepAtBottom(box.current?.querySelector('.flame-scroller')), [layers]);
  if (!layers) return <p class="note">Laying all calls of {name} on top of each other …</p>;
  const { callers, callees } = layers;
  const [total = 0, self = 0] = [callees.total[0], callees.self[0]];
  const share = whole.wholeTotal === 0 ? 0 : total / whole.wholeTotal;
  const graph = (model: FlameModel, label: string, inverted: boolean) => (
    <FlameGraph
      key={label}
      graph={model}
      label={label}
      colours="package"
      inverted={inverted}
      {...(search !== undefined && { search })}
      zoom={0}
      onZoom={(node) => node > 0 && change({ function: nameOf(model, node) })}
      onSelect={() => undefined}
      onMenu={(node, at) => onMenu({ name: nameOf(model, node), zoom: undefined }, at)}
      formatValue={(value) => humanValue(value, model.unit)}
    />
  );
  return (
    <div class="explore-sandwich" ref={box}>
      {graph(callers, `Callers of ${name}`, true)}
      <h2 class="explore-between" title={name}>
        <span class="muted">▲ callers</span>
        <strong>{partsOf(name).short}</strong>
        <span>
          {humanValue(total, whole.unit)} total <span class="muted">({humanValue(share, 'share')})</span>,{' '}
          {humanValue(self, whole.unit)} self
        </span>
        <span class="muted">callees ▼</span>
      </h2>
      {graph(callees, `Callees of ${name}`, false)}
    </div>
  );
}

/** The nearest callers stand at the bottom, also when what is above them on the page comes late and takes their room. */
function keepAtBottom(scroller: Element | null | undefined): (() => void) | undefined {
  if (!scroller) return undefined;
  const watch = new ResizeObserver(() => {
    scroller.scrollTop = scroller.scrollHeight;
  });
  watch.observe(scroller);
  return () => watch.disconnect();
}
