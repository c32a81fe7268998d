import 'uplot/dist/uPlot.min.css';
import { useRef } from 'preact/hooks';
import type { TimeWindow } from '../../model/units.ts';
import type { Columns } from './lines.ts';
import { type LineLooks, usePlot } from './use-plot.ts';

/** The lines and their axes; those who hear them have the table. */
export function Canvas(drawing: {
  readonly columns: Columns;
  readonly shown: TimeWindow;
  readonly unit: string;
  readonly lines: LineLooks;
  readonly width: number;
  readonly height: number;
}) {
  const host = useRef<HTMLDivElement>(null);
  const isLost = usePlot(host, drawing);
  return isLost ? (
    <p class="note timeline-empty">The lines cannot be drawn: a script was not loaded. Reload the page.</p>
  ) : (
    <div ref={host} aria-hidden="true" />
  );
}
