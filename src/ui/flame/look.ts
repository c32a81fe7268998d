import { type ColourOf, type Colours, colourOf } from './colours.ts';
import { changeText, part, share } from './describe.ts';
import { partsOf } from './names.ts';
import type { Palette } from './palette.ts';
import { nameOf } from './paths.ts';
import type { FlameModel } from './prepare.ts';
import type { Box } from './scene.ts';

/** How the boxes of a graph look, on a canvas and in an SVG alike. */
export interface Look {
  readonly model: FlameModel;
  readonly palette: Palette;
  readonly paintOf: (box: Box) => Paint;
  /** What is written into a frame. */
  readonly labelOf: (node: number) => string;
  /** What is written at the right of a wide one: its share, of a diff how that changed. */
  readonly noteOf: (node: number) => string;
}

export interface Paint {
  readonly fill: string;
  readonly ink: string;
  /** Whether the change is within what scrapes differ by anyway. */
  readonly isHatched: boolean;
}

export interface LookOptions {
  readonly colours: Colours;
  /** By name: 1 where a search matches; undefined without a search. */
  readonly matches: Uint8Array | undefined;
  /** By name: 1 where a change is not sure. */
  readonly unsure: Uint8Array | undefined;
  readonly formatValue: (value: number) => string;
}

export function lookOf(
  model: FlameModel,
  palette: Palette,
  { colours, matches, unsure, formatValue }: LookOptions,
): Look {
  const colour = colourOf(model, colours, palette, unsure);
  const found = matches && matchesBefore(model, matches);
  const rootLabel = `${partsOf(nameOf(model, 0)).short} ${formatValue(model.total[0] as number)}`;
  const labels: (string | undefined)[] = [];
  const isUnsure = (node: number) => colours === 'diff' && unsure?.[model.name[node] as number] === 1;
  return {
    model,
    palette,
    labelOf: (node) =>
      node === 0 ? rootLabel : (labels[model.name[node] as number] ??= partsOf(nameOf(model, node)).short),
    noteOf: (node) => (node === 0 ? '' : noteOf(model, node)),
    paintOf: (box) => {
      if (box.kind === 'folded') return { fill: palette.folded, ink: palette.dimInk, isHatched: false };
      const isMatch = found !== undefined && (found[box.to] as number) > (found[box.from] as number);
      if (box.kind === 'run') {
        const share = found ? ((found[box.to] as number) - (found[box.from] as number)) / (box.to - box.from) : 0;
        return {
          fill: box.width <= narrowPx && isMatch ? palette.match : runFill(share, palette),
          ink: palette.ink,
          isHatched: false,
        };
      }
      return { ...searched(box.node, found && isMatch, colour, colours, palette), isHatched: isUnsure(box.node) };
    },
  };
}

/** One match in a run of many frames is seen, but not as if all of them were. */
const leastTint = 0.5;
/** What is as narrow is overlooked unless it stands out. */
const narrowPx = 3;

/** Of a run, by the share of its frames that match. */
function runFill(share: number, { merged, match }: Palette): string {
  if (share === 0) return merged;
  // In steps: what has one colour is drawn at once.
  const tint = Math.max(leastTint, Math.ceil(share * 4) / 4);
  const channel = (at: number): string => {
    const [from = 0, to = 0] = [merged, match].map((colour) => Number.parseInt(colour.slice(at, at + 2), 16));
    return Math.round(from + (to - from) * tint)
      .toString(16)
      .padStart(2, '0');
  };
  return tint === 1 ? match : `#${channel(1)}${channel(3)}${channel(5)}`;
}

function noteOf(model: FlameModel, node: number): string {
  const { total, baseTotal, wholeTotal } = model;
  const now = total[node] as number;
  return baseTotal ? changeText(model, now, baseTotal[node] as number) : share(part(now, wholeTotal));
}

/** Matches stand out by their own colour, in a diff by keeping theirs; all else steps back. */
function searched(
  node: number,
  isMatch: boolean | undefined,
  colour: ColourOf,
  colours: Colours,
  palette: Palette,
): Pick<Paint, 'fill' | 'ink'> {
  if (isMatch === undefined || (isMatch && colours === 'diff')) return { fill: colour(node), ink: palette.ink };
  return isMatch ? { fill: palette.match, ink: palette.matchInk } : { fill: palette.dim, ink: palette.dimInk };
}

/** How many nodes match before each place of `order`: so a run knows whether it holds one, however long it is. */
function matchesBefore({ order, name, size }: FlameModel, matches: Uint8Array): Int32Array {
  const before = new Int32Array(size + 1);
  for (let place = 0; place < size; place++) {
    before[place + 1] = (before[place] as number) + (matches[name[order[place] as number] as number] as number);
  }
  return before;
}
