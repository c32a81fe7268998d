import { hour as hourMs } from '../../../model/units.ts';
import type { CatalogueFile } from '../catalogue/layout.ts';
import type { DamagedData } from '../files/damage.ts';
import { hourOf, type UnixHour } from '../files/data-dir.ts';

/** Damage that a reader has met: left out of its answers from then on, until the file is listed no more. */
export class DamageBook {
  /** By file, by hour; without an hour, all of the file. */
  readonly #met = new Map<string, Map<UnixHour | undefined, string>>();

  get hasAny(): boolean {
    return this.#met.size > 0;
  }

  /** Takes down what was met; false when it was known, and so should have been left out. */
  add({ file, hour, message }: DamagedData): boolean {
    const ofFile = this.#met.get(file) ?? new Map<UnixHour | undefined, string>();
    this.#met.set(file, ofFile);
    if (ofFile.has(hour)) return false;
    ofFile.set(hour, message);
    return true;
  }

  /** What is damaged of a file in `[from, to)`, if anything. */
  damageIn({ name }: Pick<CatalogueFile, 'name'>, from: UnixHour, to: UnixHour): string | undefined {
    for (const [hour, because] of this.#met.get(name) ?? [])
      if (hour === undefined || (hour >= from && hour < to)) return because;
    return undefined;
  }

  /** The hours of a file that are damaged, with what is known of it. */
  damagedHours(file: CatalogueFile): { readonly hour: UnixHour; readonly because: string }[] {
    const found: { hour: UnixHour; because: string }[] = [];
    for (const [damaged, because] of this.#met.get(file.name) ?? []) {
      if (damaged !== undefined) found.push({ hour: damaged, because });
      else for (let hour = hourOf(file.fromMs); hour * hourMs < file.toMs; hour++) found.push({ hour, because });
    }
    return found;
  }

  /** Forgets files that are listed no more. */
  keepOnly(listed: readonly CatalogueFile[]): void {
    if (!this.hasAny) return;
    const names = new Set(listed.map(({ name }) => name));
    for (const name of this.#met.keys()) if (!names.has(name)) this.#met.delete(name);
  }
}
