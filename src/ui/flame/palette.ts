/** The colours of a theme, read from the style sheet: a canvas has no classes. */
export interface Palette {
  readonly background: string;
  readonly ink: string;
  readonly dimInk: string;
  /** Frames that do not match a search. */
  readonly dim: string;
  readonly match: string;
  readonly matchInk: string;
  readonly root: string;
  /** Runs of frames that are narrower than a pixel. */
  readonly merged: string;
  /** What the server folded away. */
  readonly folded: string;
  readonly accent: string;
  readonly neutral: string;
  readonly font: string;
  /** Of colours by package, as `oklch` has them. */
  readonly lightness: number;
  readonly chroma: number;
  readonly diffChroma: number;
  /** Hues of less and more. */
  readonly less: number;
  readonly more: number;
}

/** As the element's style has it now; to be read again when the theme changes. */
export function paletteOf(element: Element): Palette {
  const style = getComputedStyle(element);
  return paletteFrom((name) => style.getPropertyValue(name).trim(), style.fontFamily);
}

/** From the values of the style sheet's variables, such as `--flame-ink`. */
export function paletteFrom(valueOf: (variable: string) => string, font: string): Palette {
  const text = (name: string) => valueOf(`--flame-${name}`);
  const number = (name: string) => Number(text(name));
  return {
    background: text('background'),
    ink: text('ink'),
    dimInk: text('dim-ink'),
    dim: text('dim'),
    match: text('match'),
    matchInk: text('match-ink'),
    root: text('root'),
    merged: text('merged'),
    folded: text('folded'),
    accent: text('accent'),
    neutral: text('neutral'),
    font,
    lightness: number('lightness'),
    chroma: number('chroma'),
    diffChroma: number('diff-chroma'),
    less: number('less-hue'),
    more: number('more-hue'),
  };
}
