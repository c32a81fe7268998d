import type { PprofLabel } from '../../model/frame.ts';

interface UnitFamily {
  /** By name in lower case, without a plural s: how many of the smallest it is, and the name it is called by. */
  readonly units: ReadonlyMap<string, readonly [factor: number, name: string]>;
  /** What a value is in when the wanted unit is of another family. */
  readonly fallback: readonly [factor: number, name: string];
}

const kibi = 1024;

function family(fallback: readonly [number, string], ...units: (readonly [number, string, string])[]): UnitFamily {
  const named = units.flatMap(([factor, name, aliases]) =>
    aliases.split(' ').map((alias) => [alias, [factor, name]] as const),
  );
  return { units: new Map(named), fallback };
}

/** The units of google/pprof's internal/measurement. */
const families: readonly UnitFamily[] = [
  family(
    [1, 'B'],
    [1, 'B', 'b byte'],
    [kibi, 'kB', 'kb kbyte kilobyte'],
    [kibi ** 2, 'MB', 'mb mbyte megabyte'],
    [kibi ** 3, 'GB', 'gb gbyte gigabyte'],
    [kibi ** 4, 'TB', 'tb tbyte terabyte'],
    [kibi ** 5, 'PB', 'pb pbyte petabyte'],
  ),
  family(
    [1e9, 's'],
    [1, 'ns', 'ns nanosecond'],
    [1e3, 'us', 'us microsecond'],
    [1e6, 'ms', 'ms millisecond'],
    [1e9, 's', 's sec second'],
    [3600e9, 'hrs', 'hour hr'],
  ),
  family(
    [1, 'GCU'],
    [1e-9, 'n*GCU', 'nanogcu'],
    [1e-6, 'u*GCU', 'microgcu'],
    [1e-3, 'm*GCU', 'milligcu'],
    [1, 'GCU', 'gcu'],
    [1e3, 'k*GCU', 'kilogcu'],
    [1e6, 'M*GCU', 'megagcu'],
    [1e9, 'G*GCU', 'gigagcu'],
    [1e12, 'T*GCU', 'teragcu'],
    [1e15, 'P*GCU', 'petagcu'],
  ),
];
const plainUnits = new Set(['count', 'sample', 'unit', 'minimum', 'auto']);

/**
 * A value in another unit, and what that unit is called: 4096 bytes in kb are 4 kB. A unit of another family is not
 * converted to: the value comes in its family's own, so 4096 bytes in ms are 4096 B. A value whose unit is unknown is
 * taken to be in the wanted one.
 */
export function inUnit(value: number, from: string, to: string): { readonly value: number; readonly unit: string } {
  for (const { units, fallback } of families) {
    const source = units.get(unitKey(from));
    if (source === undefined) continue;
    const [factor, unit] = units.get(unitKey(to)) ?? fallback;
    return { value: (value * source[0]) / factor, unit };
  }
  return { value, unit: plainUnits.has(to) ? '' : to };
}

function unitKey(unit: string): string {
  const lower = unit.toLowerCase();
  return lower.length > 2 && lower.endsWith('s') ? lower.slice(0, -1) : lower;
}

/**
 * The unit of numbers that have none, by key: the first that another number of the key has, else bytes for `alignment` and
 * `request`, else the key itself. google/pprof: `NumLabelUnits` of profile/profile.go.
 */
export function unitsByKey(labelSets: readonly (readonly PprofLabel[])[]): Map<string, string> {
  const units = new Map<string, string>();
  for (const labels of labelSets) {
    for (const label of labels) {
      if ('number' in label && label.unit !== '' && !units.has(label.key)) units.set(label.key, label.unit);
    }
  }
  return units;
}

export function inferredUnit(key: string): string {
  return key === 'alignment' || key === 'request' ? 'bytes' : key;
}
