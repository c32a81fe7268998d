import { hour as hourMs } from '../../../model/units.ts';
import type { DamagedHour } from '../../profile-store.ts';
import type { CatalogueFile } from '../catalogue/layout.ts';
import type { DamagedData } from '../files/damage.ts';
import { hourOf, type UnixHour } from '../files/data-dir.ts';

/** Damage that a reader has met: left out of its answers from then on, until the file is listed no more. */
export class DamageBook {
  #fresh: DamagedHour[] = [];
  /** By file, by hour; without an hour, all of the file. */
  readonly #met = new Map<string, Map<UnixHour | undefined, string>>();

  get hasAny(): boolean {
    return this.#met.size > 0;
  }

  /** Takes down what was met; false when it was known, and so should have been left out. */
  add({ file: name, hour, message }: DamagedData, listed: readonly CatalogueFile[]): boolean {
    const ofFile = this.#met.get(name) ?? new Map<UnixHour | undefined, string>();
    this.#met.set(name, ofFile);
    if (ofFile.has(hour)) return false;
    ofFile.set(hour, message);
    const file = listed.find((known) => known.name === name);
    if (file?.kind === 'head' || file?.kind === 'detail') {
      const hours = hour === undefined ? hoursOf(file) : [hour];
      this.#fresh.push(...hours.map((damaged) => ({ hourMs: damaged * hourMs, because: message })));
    }
    return true;
  }

  /** The hours whose detail was found damaged since the last call. */
  take(): DamagedHour[] {
    const fresh = this.#fresh;
    this.#fresh = [];
    return fresh;
  }

  /** What is damaged of a file in `[from, to)`, if anything. */
  damageIn({ name }: Pick<CatalogueFile, 'name'>, from: UnixHour, to: UnixHour): string | undefined {
    for (const [hour, because] of this.#met.get(name) ?? [])
      if (hour === undefined || (hour >= from && hour < to)) return because;
    return undefined;
  }

  /** Forgets files that are listed no more. */
  keepOnly(listed: readonly CatalogueFile[]): void {
    if (!this.hasAny) return;
    const names = new Set(listed.map(({ name }) => name));
    for (const name of this.#met.keys()) if (!names.has(name)) this.#met.delete(name);
  }
}

function hoursOf({ fromMs, toMs }: CatalogueFile): UnixHour[] {
  const hours: UnixHour[] = [];
  for (let hour = hourOf(fromMs); hour * hourMs < toMs; hour++) hours.push(hour);
  return hours;
}
