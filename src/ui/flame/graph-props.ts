import type { Colours } from './colours.ts';
import type { FlameRange } from './honest.ts';
import type { FlameModel } from './prepare.ts';

/** What a page may ask of a graph that is shown. */
export interface FlameGraphHandle {
  readonly focus: () => void;
  /** Goes to the next frame that matches the search, or to the one before: which of how many it is. */
  readonly nextMatch: (step: 1 | -1) => { readonly match: number; readonly matches: number } | undefined;
  /** All lines of what is zoomed to, as a file of its own. */
  readonly svg: () => string;
  readonly png: () => Promise<Blob>;
}

export interface FlameGraphProps {
  readonly graph: FlameModel;
  /** For those who don't see it: what it is a graph of. */
  readonly label: string;
  readonly colours: Colours;
  /** The root stands at the bottom. */
  readonly inverted?: boolean;
  readonly search?: string;
  /** A node; 0 is the whole graph. */
  readonly zoom: number;
  readonly onZoom: (node: number) => void;
  /** Looked at instead of all of what is zoomed to. */
  readonly span?: Pick<FlameRange, 'start' | 'end'> | undefined;
  /** A run of narrow frames was clicked, or the minimap dragged and let go; undefined: all of what is zoomed to again. */
  readonly onSpan?: (span: Pick<FlameRange, 'start' | 'end'> | undefined, by: 'click' | 'drag') => void;
  /** Backspace where the whole graph is shown: the graph is the subtree of a caller that it does not have. */
  readonly onOut?: () => void;
  /** Index of a name: its frames are outlined. */
  readonly selected?: number;
  /** A frame was clicked, or Enter pressed on it; `onZoom` follows. */
  readonly onSelect: (node: number) => void;
  readonly onMenu?: (node: number, at: { readonly x: number; readonly y: number }) => void;
  /** By name: 1 where a change is within what scrapes differ by anyway. */
  readonly unsure?: Uint8Array;
  readonly formatValue: (value: number) => string;
  /** Told what is seen when it changes, for `foldedText`. */
  readonly onShown?: (range: FlameRange) => void;
  readonly handle?: { current: FlameGraphHandle | null };
}
