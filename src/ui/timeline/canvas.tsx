import 'uplot/dist/uPlot.min.css';
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { TimeWindow } from '../../model/units.ts';
import { useTheme } from '../state/theme.ts';
import type { Columns } from './lines.ts';
import { Plot, type PlotStyle } from './plot.ts';

/** The lines; new ones are drawn into the same canvas, unless there are more or fewer of them, or the colours change. */
export function Canvas({
  columns,
  shown,
  unit,
  lines,
  width,
  height,
}: {
  readonly columns: Columns;
  readonly shown: TimeWindow;
  readonly unit: string;
  /** By line: the name of its colour (`--series-1`), and whether the area below it is filled. */
  readonly lines: readonly { readonly colour: string; readonly isFilled: boolean }[];
  readonly width: number;
  readonly height: number;
}) {
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<Plot | undefined>(undefined);
  const theme = useTheme();
  const look = lines.map(({ colour, isFilled }) => `${colour}${isFilled ? '+' : ''}`).join();

  useLayoutEffect(() => {
    if (!host.current) return undefined;
    plot.current = new Plot(host.current, styleOf(unit, lines), { shown, columns }, { width, height });
    return () => {
      plot.current?.destroy();
      plot.current = undefined;
    };
  }, [theme, unit, look]);
  useLayoutEffect(() => plot.current?.show({ shown, columns }), [shown, columns]);
  useLayoutEffect(() => plot.current?.resize(width, height), [width, height]);
  return <div ref={host} aria-hidden="true" />;
}

/** A canvas takes no variables: they are read when it is made. */
function styleOf(unit: string, lines: readonly { readonly colour: string; readonly isFilled: boolean }[]): PlotStyle {
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
