/** A step of the way from the root to what is zoomed to. */
export interface Crumb {
  readonly name: string;
  /** How many names of the path it takes: 0 is the whole. */
  readonly length: number;
}

/** The first and the last steps of a path; `undefined` stands for those between them. The path itself is the last. */
export function crumbsOf(path: readonly string[], most = 6): (Crumb | undefined)[] {
  const all = path.map((name, at) => ({ name, length: at + 1 }));
  const whole = { name: 'total', length: 0 };
  if (all.length <= most) return [whole, ...all];
  return [whole, all[0], undefined, ...all.slice(2 - most)];
}
