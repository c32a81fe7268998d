import type { Describing } from './describe.ts';
import { type Exported, pngOf, svgOf } from './export.ts';
import { glyphMeasure, type Measure } from './fit-text.ts';
import type { FlameRange } from './honest.ts';
import type { Look } from './look.ts';
import { paintMarks } from './marks.ts';
import { lineHeight, paintBoxes, textSize } from './paint.ts';
import type { FlameModel } from './prepare.ts';
import { type Box, boxAt, boxesOf, rowsOf } from './scene.ts';

/** The elements that a stage draws on: what scrolls, and two canvases as large as what is seen of it. */
export interface StageElements {
  readonly scroller: HTMLElement;
  readonly boxes: HTMLCanvasElement;
  readonly marks: HTMLCanvasElement;
}

/** From 0 to 1 of the graph's width. */
export type Span = Pick<FlameRange, 'start' | 'end'>;

/** A graph that takes longer than this to draw jumps instead of gliding. */
const smoothMs = 10;
const glideMs = 120;

/**
 * The picture of a graph: what is looked at, drawn again when it must. Boxes are on one canvas; what follows the pointer is on
 * another above it, so that pointing costs no boxes.
 */
export class FlameStage {
  readonly #elements: StageElements;
  readonly #pens: readonly [CanvasRenderingContext2D, CanvasRenderingContext2D];
  #look: Look;
  #isInverted = false;
  #span: Span = { start: 0, end: 1 };
  #measure: Measure | undefined;
  #shown: Box[] = [];
  #frame = 0;
  #glide = 0;
  #paintMs = 0;
  #density = 0;
  width = 0;
  height = 0;
  /** What is pointed at. */
  hover: Box | undefined;
  /** The node that keys act on. */
  focus = 0;
  /** Keys are in use, so it is shown where they act. */
  isFocusShown = false;
  /** Index of a name. */
  selected: number | undefined;
  /** After each picture. */
  onPainted: () => void = () => {};

  constructor(elements: StageElements, look: Look) {
    this.#elements = elements;
    this.#look = look;
    const boxes = elements.boxes.getContext('2d', { alpha: false });
    const marks = elements.marks.getContext('2d');
    if (!boxes || !marks) throw new Error('this browser has no canvas');
    this.#pens = [boxes, marks];
  }

  get model(): FlameModel {
    return this.#look.model;
  }

  get look(): Look {
    return this.#look;
  }

  get range(): FlameRange {
    return { ...this.#span, pixels: this.width };
  }

  /** All lines of the graph, in pixels. */
  get fullHeight(): number {
    return rowsOf(this.model) * lineHeight;
  }

  show(look: Look, isInverted: boolean): void {
    const isOther = look.model !== this.model;
    if (look.palette.font !== this.#look.palette.font) this.#measure = undefined;
    this.#look = look;
    this.#isInverted = isInverted;
    if (isOther) {
      this.hover = undefined;
      this.focus = 0;
    }
    this.paintSoon();
  }

  /** Looks at a part of the width: at once, or gliding there where that is smooth and wanted. */
  lookAt(span: Span, { isGliding }: { readonly isGliding: boolean }): void {
    cancelAnimationFrame(this.#glide);
    const from = this.#span;
    const isStill = matchMedia('(prefers-reduced-motion: reduce)').matches;
    if (!isGliding || isStill || this.#paintMs > smoothMs) {
      this.#span = span;
      this.paintSoon();
      return;
    }
    const begin = performance.now();
    const step = (now: number): void => {
      const part = Math.min(1, Math.max(0, now - begin) / glideMs);
      const eased = 1 - (1 - part) ** 3;
      this.#span =
        part === 1
          ? span
          : { start: from.start + (span.start - from.start) * eased, end: from.end + (span.end - from.end) * eased };
      this.paint();
      if (part < 1) this.#glide = requestAnimationFrame(step);
    };
    this.#glide = requestAnimationFrame(step);
  }

  /** Takes the size of its place, and paints where it is another one. */
  resize(): void {
    const { clientWidth, clientHeight } = this.#elements.scroller;
    const density = devicePixelRatio || 1;
    if (clientWidth === this.width && clientHeight === this.height && density === this.#density) return;
    const isFirst = this.width === 0;
    [this.width, this.height, this.#density] = [clientWidth, clientHeight, density];
    for (const pen of this.#pens) {
      pen.canvas.width = Math.round(this.width * density);
      pen.canvas.height = Math.round(this.height * density);
      pen.canvas.style.width = `${this.width}px`;
      pen.canvas.style.height = `${this.height}px`;
      pen.setTransform(density, 0, 0, density, 0, 0);
    }
    // What was drawn is gone with the size; before there was anything, the picture may wait for its frame.
    if (isFirst) this.paintSoon();
    else this.paint();
  }

  point(box: Box | undefined): void {
    if (this.hover?.start === box?.start && this.hover?.level === box?.level && this.hover?.end === box?.end) return;
    this.hover = box;
    this.paintMarks();
  }

  select(name: number | undefined): void {
    this.selected = name;
    this.paintMarks();
  }

  /** Looks at as much as now around another middle; both from 0 to 1 of the whole graph. */
  centre(x: number, y: number): void {
    const { start, end } = this.#span;
    const from = Math.min(Math.max(0, x - (end - start) / 2), 1 - (end - start));
    this.#elements.scroller.scrollTop = y * this.fullHeight - this.height / 2;
    this.lookAt({ start: from, end: from + end - start }, { isGliding: false });
  }

  svg(about: Omit<Describing, 'model'>): string {
    return svgOf(this.#exported(about));
  }

  png(about: Omit<Describing, 'model'>): Promise<Blob> {
    return pngOf(this.#exported(about));
  }

  #exported({ formatValue, unsure }: Omit<Describing, 'model'>): Exported {
    this.#measure ??= measureWith(this.#pens[0], this.#look.palette.font);
    const { model, range } = this;
    const about = { model, formatValue, unsure };
    return { look: this.#look, isInverted: this.#isInverted, range, measure: this.#measure, about };
  }

  paintSoon(): void {
    if (this.#frame !== 0) return;
    this.#frame = requestAnimationFrame(() => this.paint());
  }

  paint(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    if (this.width === 0 || this.height === 0) return;
    const begin = performance.now();
    const [first, last] = [this.levelAt(0), this.levelAt(this.height - 1)].sort((a, b) => a - b) as [number, number];
    const rows = rowsOf(this.model);
    this.#shown = [];
    for (let level = Math.max(0, first); level <= Math.min(last, rows - 1); level++) {
      for (const box of boxesOf(this.model, level, this.range)) this.#shown.push(box);
    }
    const [pen] = this.#pens;
    this.#measure ??= measureWith(pen, this.#look.palette.font);
    const { width, height } = this;
    const density = devicePixelRatio || 1;
    const picture = {
      pen,
      width,
      height,
      density,
      measure: this.#measure,
      topOf: this.#tops(),
    };
    paintBoxes(picture, this.#shown, this.#look);
    this.#paintMs = performance.now() - begin;
    this.paintMarks();
    this.onPainted();
  }

  paintMarks(): void {
    const [, pen] = this.#pens;
    pen.clearRect(0, 0, this.width, this.height);
    paintMarks(pen, this, this.#shown);
  }

  /** Of the line at a height of what is seen. */
  levelAt(y: number): number {
    const line = Math.floor((y - this.#above + this.#elements.scroller.scrollTop) / lineHeight);
    return this.#isInverted ? rowsOf(this.model) - 1 - line : line;
  }

  /** Where the line of a level begins, in what is seen. */
  topOf(level: number): number {
    return this.#tops()(level);
  }

  /** `topOf` as of now: asking the page how far it is scrolled costs more than a box. */
  #tops(): (level: number) => number {
    const begin = this.#above - this.#elements.scroller.scrollTop;
    const deepest = rowsOf(this.model) - 1;
    return this.#isInverted ? (level) => begin + (deepest - level) * lineHeight : (level) => begin + level * lineHeight;
  }

  /** What stays free above a graph that stands on the floor. */
  get #above(): number {
    return this.#isInverted ? Math.max(0, this.height - this.fullHeight) : 0;
  }

  boxAt(x: number, y: number): Box | undefined {
    return boxAt(this.model, this.levelAt(y), this.range, x);
  }

  /** Where a node is in what is seen; its middle is inside, however wide it is. */
  placeOf(node: number): { readonly x: number; readonly y: number } {
    const scale = this.width / (this.#span.end - this.#span.start);
    const left = ((this.model.start[node] as number) - this.#span.start) * scale;
    const right = left + (this.model.width[node] as number) * scale;
    const x = (Math.max(0, left) + Math.min(this.width, right)) / 2;
    return { x, y: this.topOf(this.model.level[node] as number) + lineHeight / 2 };
  }

  /** Of the canvas, in the window. */
  canvasPlace(): { readonly left: number; readonly top: number } {
    return this.#elements.marks.getBoundingClientRect();
  }

  /** Scrolls so that a level is seen. */
  revealLevel(level: number): void {
    const top = this.topOf(level);
    if (top >= 0 && top + lineHeight <= this.height) return;
    this.#elements.scroller.scrollTop += top - this.height / 3;
  }

  scrollToRoot(): void {
    this.#elements.scroller.scrollTop = this.#isInverted ? this.fullHeight : 0;
  }

  close(): void {
    cancelAnimationFrame(this.#frame);
    cancelAnimationFrame(this.#glide);
  }
}

function measureWith(pen: CanvasRenderingContext2D, font: string): Measure {
  return glyphMeasure((text) => {
    pen.font = `${textSize}px ${font}`;
    return pen.measureText(text).width;
  });
}
