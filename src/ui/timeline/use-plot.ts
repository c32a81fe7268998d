import type { RefObject } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { useTheme } from '../state/theme.ts';
import type { Plot, PlotData, PlotStyle } from './plot.ts';

/** Lines by the names of their colours: `--series-1`. */
export type LineLooks = PlotStyle['lines'];

interface Drawing extends PlotData {
  readonly unit: string;
  readonly lines: LineLooks;
  readonly width: number;
  readonly height: number;
}

/** A third of the scripts of a page, and nothing of it is needed to read the rest: it comes when there are lines to draw. */
const loadPlot = () => import('./plot.ts');

/** Draws into `host`; anew where lines, unit or theme change, else into what is there. True where the script did not come. */
export function usePlot(host: RefObject<HTMLElement | null>, drawing: Drawing): boolean {
  const { unit, lines, shown, columns, width, height } = drawing;
  const plot = useRef<Plot | undefined>(undefined);
  const latest = useRef(drawing);
  latest.current = drawing;
  const [isLost, setIsLost] = useState(false);
  const theme = useTheme();
  const look = lines.map(({ colour, isFilled }) => `${colour}${isFilled ? '+' : ''}`).join();

  useLayoutEffect(() => {
    let isOver = false;
    const draw = (made: typeof Plot) => {
      if (isOver || !host.current) return;
      plot.current = new made(host.current, styleOf(unit, lines), latest.current, latest.current);
    };
    loadPlot().then(
      (module) => draw(module.Plot),
      () => setIsLost(true),
    );
    return () => {
      isOver = true;
      plot.current?.destroy();
      plot.current = undefined;
    };
  }, [theme, unit, look]);
  useLayoutEffect(() => plot.current?.show({ shown, columns }), [shown, columns]);
  useLayoutEffect(() => plot.current?.resize(width, height), [width, height]);
  return isLost;
}

/** A canvas takes no variables: they are read when it is made. */
function styleOf(unit: string, lines: LineLooks): PlotStyle {
  const style = getComputedStyle(document.documentElement);
  const colourOf = (name: string) => style.getPropertyValue(name).trim();
  return {
    unit,
    lines: lines.map(({ colour, isFilled }) => ({ colour: colourOf(colour), isFilled })),
    text: colourOf('--muted'),
    grid: colourOf('--line'),
    font: `11px ${style.getPropertyValue('--font')}`,
  };
}
