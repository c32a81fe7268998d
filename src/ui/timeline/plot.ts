import uPlot from 'uplot';
import type { TimeWindow } from '../../model/units.ts';
import { axisSteps, axisText, axisTimes } from './axes.ts';
import type { Columns } from './lines.ts';
import { plotRoom } from './scale.ts';

export interface PlotStyle {
  readonly unit: string;
  /** By line: its colour as `#rrggbb`, and whether the area below it is filled. */
  readonly lines: readonly { readonly colour: string; readonly isFilled: boolean }[];
  readonly text: string;
  readonly grid: string;
  readonly font: string;
}

export interface PlotData {
  readonly shown: TimeWindow;
  readonly columns: Columns;
}

/** Lines and axes on a canvas; all else (marks, windows, cursor) is elements over it. */
export class Plot {
  readonly #chart: uPlot;
  #data: PlotData;

  constructor(host: HTMLElement, style: PlotStyle, data: PlotData, size: { width: number; height: number }) {
    this.#data = data;
    const { width, height } = size;
    this.#chart = new uPlot({ ...this.#options(style), width, height }, columnsOf(data), host);
  }

  show(data: PlotData): void {
    this.#data = data;
    this.#chart.setData(columnsOf(data));
  }

  resize(width: number, height: number): void {
    this.#chart.setSize({ width, height });
  }

  destroy(): void {
    this.#chart.destroy();
  }

  #options({ unit, lines, text, grid, font }: PlotStyle): Omit<uPlot.Options, 'width' | 'height'> {
    const axis: uPlot.Axis = { stroke: text, font, ticks: { show: false }, grid: { stroke: grid, width: 1 }, gap: 6 };
    return {
      ms: 1,
      legend: { show: false },
      cursor: { show: false },
      padding: [plotRoom.top, plotRoom.right, 0, 0],
      scales: {
        x: { time: true, range: () => [this.#data.shown.fromMs, this.#data.shown.toMs] },
        y: { range: (_, __, most) => [0, most > 0 ? most * 1.08 : 1] },
      },
      axes: [
        {
          ...axis,
          size: plotRoom.bottom,
          space: 72,
          values: (_, splits, __, ___, step) => axisTimes(splits, step),
        },
        {
          ...axis,
          size: plotRoom.left,
          space: 26,
          incrs: axisSteps(unit),
          values: (_, splits) => splits.map((value) => axisText(value, unit)),
        },
      ],
      series: [{}, ...lines.map(seriesOf)],
    };
  }
}

/** Two hexadecimal digits. */
const fillAlpha = '33';

/** Steps, as values hold for a step: so a jump stands where it was. */
function seriesOf({ colour, isFilled }: PlotStyle['lines'][number]): uPlot.Series {
  const paths = uPlot.paths.stepped?.({ align: 1, alignGaps: 1 });
  return {
    stroke: colour,
    width: 1.25,
    points: { show: false },
    ...(paths && { paths }),
    ...(isFilled && { fill: `${colour}${fillAlpha}` }),
  };
}

function columnsOf({ columns }: PlotData): uPlot.AlignedData {
  return [[...columns.times], ...columns.values.map((values) => [...values])];
}
