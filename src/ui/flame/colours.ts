import { partsOf } from './names.ts';
import { oklch } from './oklch.ts';
import type { Palette } from './palette.ts';
import type { FlameModel } from './prepare.ts';

/** What boxes are coloured by: where a function comes from, or how much of the profile it gained or lost. */
export type Colours = 'package' | 'diff';

/** The colour of a node. */
export type ColourOf = (node: number) => string;

/** Steps from no change to all of it; more could not be told apart. */
const steps = 8;
/** A change of the share that is smaller than this is drawn as none. */
const leastChange = 5e-5;

export function colourOf(model: FlameModel, colours: Colours, palette: Palette, unsure?: Uint8Array): ColourOf {
  return colours === 'diff' && model.baseTotal ? byChange(model, palette, unsure) : byPackage(model, palette);
}

/** Packages of a module have neighbouring hues; runtimes are nearly grey, so that programs stand out. */
function byPackage({ names, name }: FlameModel, palette: Palette): ColourOf {
  const known: (string | undefined)[] = [];
  return (node) => {
    if (node === 0) return palette.root;
    const own = name[node] as number;
    return (known[own] ??= packageColour(names[own] as string, palette));
  };
}

function packageColour(name: string, { lightness, chroma }: Palette): string {
  const { module, package: own, isRuntime } = partsOf(name);
  const detail = hashOf(own);
  const hue = (hashOf(module) % 24) * 15 + ((detail % 7) - 3) * 8;
  const tone = ((detail >>> 4) % 3) - 1;
  return oklch(lightness + tone * 0.025, isRuntime ? 0.018 : chroma, hue);
}

/**
 * Blue for less, orange for more, which colour-blind people tell apart too; the stronger the larger the change is beside the
 * frame itself. Grey where nothing changed that can be told from chance.
 */
function byChange(model: FlameModel, palette: Palette, unsure?: Uint8Array): ColourOf {
  const scale = Array.from({ length: 2 * steps + 1 }, (_, at) => changeColour((at - steps) / steps, palette));
  return (node) => {
    const isUnsure = unsure?.[model.name[node] as number] === 1;
    return scale[(isUnsure ? 0 : stepOf(relativeChange(model, node))) + steps] as string;
  };
}

function changeColour(change: number, { lightness, diffChroma, less, more, neutral }: Palette): string {
  if (change === 0) return neutral;
  const strength = Math.abs(change);
  const hue = change < 0 ? less : more;
  // From pale to full: light themes darken towards it, dark ones brighten.
  const toward = lightness > 0.6 ? -0.13 : 0.14;
  return oklch(
    lightness + (lightness > 0.6 ? 0.05 : -0.05) + toward * strength,
    diffChroma * (0.25 + 0.75 * strength),
    hue,
  );
}

/** A tripled frame has the full colour; small changes have more steps than large ones, as they are what is looked for. */
function stepOf(change: number): number {
  const strength = Math.sqrt(Math.min(1, 2 * Math.abs(change)));
  return Math.sign(change) * Math.round(strength * steps);
}

/** From -1 (gone) over 0 (the same) to 1 (new). */
export function relativeChange({ total, baseTotal, factor, baseFactor }: FlameModel, node: number): number {
  const now = Math.abs((total[node] as number) * factor);
  const before = Math.abs((baseTotal?.[node] ?? 0) * baseFactor);
  const all = now + before;
  const change = now - before;
  const whole = Math.max(Math.abs((total[0] as number) * factor), Math.abs((baseTotal?.[0] ?? 0) * baseFactor));
  return all === 0 || Math.abs(change) < leastChange * whole ? 0 : change / all;
}

/** FNV-1a with a final mix: neighbouring names get colours that are far apart. */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b);
  return (hash ^ (hash >>> 13)) >>> 0;
}
