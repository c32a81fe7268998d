import { type Frame, frameName } from '../../model/frame.ts';
import { otherFunction } from '../../model/growth.ts';
import type { DecodedProfile } from '../../pprof/decoded-profile.ts';
import { comparedName } from '../../profile/compared-name.ts';
import type { KnownStacks } from '../known-stacks.ts';
import { DroppedKeys } from '../label-keys.ts';
import { LocationCache } from '../location-cache.ts';
import type { ResolvedProfile } from '../resolver.ts';
import { type KnownFrames, StackDescriber } from '../stack-describer.ts';
import { type OwnerFunction, other, ownerFunction } from './function-names.ts';
import { moduleOf, type OwnerRules } from './owner-rules.ts';
import type { OwnedRows } from './sum-by-function.ts';
import type { WorkloadFunctions } from './workload-functions.ts';

/** A location that owns nothing: all its frames are of runtimes and standard libraries. */
const nobody = Symbol('nobody');
type LocationOwner = OwnerFunction | typeof nobody;

/** Locations whose owner is remembered, over all workloads: 60 bytes each, besides the names. */
const maxKnownLocations = 16_384;

/**
 * The function that each stack of a profile belongs to: its leaf-most frame outside runtimes and standard libraries, inlined
 * frames being frames, and where there is no such frame, the leaf. Worked out once for each stack, and then kept
 * with what is known of it.
 */
export class StackOwners {
  readonly #rules: OwnerRules;
  readonly #maxText: number;
  readonly #frames: KnownFrames['cache'];
  readonly #locations = new LocationCache<LocationOwner>(maxKnownLocations);
  /** Of the profile at hand, once it has a stack to look at. */
  #describer: StackDescriber | undefined;

  /** Longer texts are cut to `maxText`, as they are where they are stored. */
  constructor(rules: OwnerRules, maxText: number, frames: KnownFrames['cache']) {
    this.#rules = rules;
    this.#maxText = maxText;
    this.#frames = frames;
  }

  /** Takes up a profile: rows without a known owner are looked at when they are asked for. */
  rowsOf(
    profile: DecodedProfile,
    resolved: ResolvedProfile,
    stacks: KnownStacks,
    functions: WorkloadFunctions,
  ): OwnedRows {
    const { count, owner, stack, sample } = resolved;
    if (!stacks.hasOwnersOf(functions.generation)) owner.fill(0, 0, count);
    this.#describer = undefined;
    const find = (row: number): number => {
      const number = this.#find(profile, resolved, sample[row] as number, functions);
      stacks.setOwner(stack[row] as number, number);
      return number;
    };
    return { count, owner, find };
  }

  #find(profile: DecodedProfile, resolved: ResolvedProfile, sample: number, functions: WorkloadFunctions): number {
    const { sampleStart, sampleLocation } = profile;
    const from = sampleStart[sample] as number;
    const to = sampleStart[sample + 1] as number;
    for (let at = from; at < to; at++) {
      const owner = this.#ownerOf(profile, resolved, sampleLocation[at] as number);
      if (owner !== nobody) return functions.numberOf(owner);
    }
    return functions.numberOf(from === to ? nameless : this.#leaf(profile, resolved, sampleLocation[from] as number));
  }

  #ownerOf(profile: DecodedProfile, resolved: ResolvedProfile, location: number): LocationOwner {
    const high = resolved.locationHigh[location] as number;
    const low = resolved.locationLow[location] as number;
    let owner = this.#locations.get(high, low);
    if (owner === undefined) {
      owner = this.#decide(this.#framesOf(profile, resolved, location));
      this.#locations.set(high, low, owner);
    }
    return owner;
  }

  #decide(frames: readonly Frame[]): LocationOwner {
    for (let at = frames.length - 1; at >= 0; at--) {
      const frame = frames[at] as Frame;
      const module = moduleOf(frame);
      if (this.#rules.mayOwn(frame, module)) return ownerOf(frame, module);
    }
    return nobody;
  }

  #leaf(profile: DecodedProfile, resolved: ResolvedProfile, location: number): OwnerFunction {
    const frame = this.#framesOf(profile, resolved, location).at(-1);
    return frame ? ownerOf(frame, moduleOf(frame)) : nameless;
  }

  #framesOf(profile: DecodedProfile, resolved: ResolvedProfile, location: number): readonly Frame[] {
    const { locationHigh: high, locationLow: low } = resolved;
    const known = { cache: this.#frames, high, low };
    this.#describer ??= new StackDescriber(profile, this.#maxText, DroppedKeys.none, known);
    return this.#describer.framesOf(location);
  }
}

const nameless = ownerFunction('?', '?');

/** Code without symbols goes by the name of its binary: addresses would be a function each, and others in the next build. */
function ownerOf(frame: Frame, module: string): OwnerFunction {
  const name = frame.function ? comparedName(frameName(frame)) : module;
  // An export of ours has such frames, and two of that name in a workload would be taken for one by who adds up.
  return name === otherFunction ? other : ownerFunction(name, module);
}
