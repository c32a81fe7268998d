import { useEffect, useMemo, useState } from 'preact/hooks';
import type { FlameModel } from './prepare.ts';
import { type Sandwich, sandwich, sandwichSteps } from './sandwich.ts';

/** Up to so many nodes it is there before anybody could see that it is not. */
const atOnce = 100_000;

/** The sandwich of a function; of a large graph undefined for a moment, in which the page goes on answering. */
export function useSandwich(model: FlameModel, nameIndex: number): Sandwich | undefined {
  const isSmall = model.size <= atOnce;
  const small = useMemo(() => (isSmall ? sandwich(model, nameIndex) : undefined), [isSmall, model, nameIndex]);
  const [large, setLarge] = useState<{ model: FlameModel; nameIndex: number; made: Sandwich }>();
  useEffect(() => {
    if (isSmall) return undefined;
    const steps = sandwichSteps(model, nameIndex);
    let timer = setTimeout(function go() {
      const step = steps.next();
      if (step.done) setLarge({ model, nameIndex, made: step.value });
      else timer = setTimeout(go);
    });
    return () => clearTimeout(timer);
  }, [isSmall, model, nameIndex]);
  return small ?? (large?.model === model && large.nameIndex === nameIndex ? large.made : undefined);
}
