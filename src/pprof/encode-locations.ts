import type { Frame, FunctionName, MappingName } from '../model/frame.ts';
import { PairIndex } from '../profile/pair-index.ts';
import type { StackTree } from '../profile/stack-tree.ts';
import type { StringNumbers } from './string-numbers.ts';
import type { WireWriter } from './wire-writer.ts';

/**
 * Every mapping has the range of all addresses: frames hold addresses relative to their file, so nothing else is known,
 * and equal sizes let google/pprof unify the mappings of two exports.
 */
const mappingLimit = 2n ** 64n - 4096n;

interface UsedMapping {
  readonly mapping: MappingName;
  uses: number;
  id: number;
}

/**
 * The locations of a stack tree, numbered when a stack first needs them. Frames that were inlined go back into the location
 * of the function that they were inlined into, innermost line first.
 */
export class Locations {
  readonly #tree: StackTree;
  readonly #frame: Int32Array;
  readonly #parent: Int32Array;
  /** By node: the location that ends there (0: none yet), and the node where the calling location ends. */
  readonly #locationOf: Int32Array;
  readonly #callerOf: Int32Array;
  /** (what it was inlined into, frame); the first is 0, or the number of such a pair and one. */
  readonly #inlinings = new PairIndex();
  readonly #locationOfInlining: number[] = [];
  /** By location from 1: a node at which it ends. */
  readonly #ends: number[] = [0];
  readonly #mappings = new Map<string, UsedMapping>();
  /** The same by the objects that frames share. */
  readonly #knownMappings = new Map<MappingName, UsedMapping>();
  readonly #functions: FunctionName[] = [];
  readonly #functionIds = new Map<string, number>();
  readonly #knownFunctions = new Map<FunctionName, number>();
  readonly #path: number[] = [];

  constructor(tree: StackTree) {
    this.#tree = tree;
    this.#frame = tree.frame;
    this.#parent = tree.parent;
    this.#locationOf = new Int32Array(tree.size);
    this.#callerOf = new Int32Array(tree.size);
  }

  /** Puts the location ids of the stack that ends at a node into `ids`, leaf first; answers how many there are. */
  stack(leaf: number, ids: number[]): number {
    let count = 0;
    for (let node = leaf; node !== 0; node = this.#callerOf[node] as number) {
      let id = this.#locationOf[node] as number;
      if (id === 0) id = this.#number(node);
      ids[count++] = id;
    }
    return count;
  }

  /** Mappings, locations and functions of all stacks that were asked for. */
  write(out: WireWriter, strings: StringNumbers, mainMapping: string, check: () => void): void {
    this.#writeMappings(out, strings, mainMapping);
    for (let id = 1; id < this.#ends.length; id++) {
      if (id % 4096 === 0) check();
      this.#writeLocation(out, strings, id);
    }
    for (const [index, { name, systemName, file, startLine }] of this.#functions.entries()) {
      const start = out.open(5);
      out.intField(1, index + 1);
      out.intField(2, strings.of(name));
      out.intField(3, strings.of(systemName));
      out.intField(4, strings.of(file));
      out.intField(5, int64(startLine));
      out.close(start);
    }
  }

  /** The location of the frames from a node upwards to the first that was not inlined. */
  #number(end: number): number {
    const path = this.#path;
    let length = 0;
    let node = end;
    let frame: Frame;
    do {
      frame = this.#frameOf(node);
      path[length++] = this.#frame[node] as number;
      node = this.#parent[node] as number;
    } while (frame.inlined && node !== 0 && isInlinedInto(frame, this.#frameOf(node)));
    let inlining = 0;
    while (length > 0) inlining = this.#inlinings.intern(inlining, path[--length] as number) + 1;
    const id = (this.#locationOfInlining[inlining] ??= this.#add(end));
    this.#locationOf[end] = id;
    this.#callerOf[end] = node;
    return id;
  }

  #add(end: number): number {
    const { mapping } = this.#frameOf(end);
    if (mapping) this.#used(mapping).uses++;
    return this.#ends.push(end) - 1;
  }

  #used(mapping: MappingName): UsedMapping {
    let used = this.#knownMappings.get(mapping);
    if (used) return used;
    const key = `${mapping.file.length}:${mapping.file}${mapping.buildId}`;
    used = this.#mappings.get(key) ?? { mapping, uses: 0, id: 0 };
    this.#mappings.set(key, used);
    this.#knownMappings.set(mapping, used);
    return used;
  }

  /** Most used first and named ones before others: the first is taken for the main binary. */
  #writeMappings(out: WireWriter, strings: StringNumbers, mainMapping: string): void {
    const inOrder = [...this.#mappings.values()].sort(
      (a, b) => Number(b.mapping.file !== '') - Number(a.mapping.file !== '') || b.uses - a.uses,
    );
    for (const [index, used] of inOrder.entries()) {
      used.id = index + 1;
      writeMapping(out, strings, used.mapping, used.id);
    }
    // Without a mapping that has a file, `go tool pprof` warns that the main binary has no name.
    if (!inOrder[0]?.mapping.file) writeMapping(out, strings, { file: mainMapping, buildId: '' }, inOrder.length + 1);
  }

  #writeLocation(out: WireWriter, strings: StringNumbers, id: number): void {
    const end = this.#ends[id] as number;
    const { mapping, address, folded } = this.#frameOf(end);
    const start = out.open(4);
    out.intField(1, id);
    if (mapping) out.intField(2, this.#used(mapping).id);
    out.intField(3, address);
    const caller = this.#callerOf[end] as number;
    for (let node = end; node !== caller; node = this.#parent[node] as number) {
      const { function: fn, line, column } = this.#frameOf(node);
      if (!fn) continue;
      const lineStart = out.open(4);
      out.intField(1, this.#functionId(fn, strings));
      out.intField(2, int64(line));
      out.intField(3, int64(column));
      out.close(lineStart);
    }
    out.intField(5, folded ? 1 : 0);
    out.close(start);
  }

  /** Functions of several trees are told apart by what they say. */
  #functionId(fn: FunctionName, strings: StringNumbers): number {
    const known = this.#knownFunctions.get(fn);
    if (known !== undefined) return known;
    const key = `${strings.of(fn.name)},${strings.of(fn.systemName)},${strings.of(fn.file)},${fn.startLine}`;
    let id = this.#functionIds.get(key);
    if (id === undefined) {
      id = this.#functions.push(fn);
      this.#functionIds.set(key, id);
    }
    this.#knownFunctions.set(fn, id);
    return id;
  }

  #frameOf(node: number): Frame {
    return this.#tree.frameAt(this.#frame[node] as number);
  }
}

/** Whether a frame can lie in one location with the frame above it: both have symbols of one mapping. */
function isInlinedInto(frame: Frame, outer: Frame): boolean {
  return (
    outer.function !== undefined &&
    frame.function !== undefined &&
    outer.folded === frame.folded &&
    outer.mapping?.file === frame.mapping?.file &&
    outer.mapping?.buildId === frame.mapping?.buildId
  );
}

/** All flags are set: lines say all there is, and no tool shall ask us for symbols. */
function writeMapping(out: WireWriter, strings: StringNumbers, { file, buildId }: MappingName, id: number): void {
  const start = out.open(3);
  out.intField(1, id);
  out.intField(3, mappingLimit);
  out.intField(5, strings.of(file));
  out.intField(6, strings.of(buildId));
  for (const has of [7, 8, 9, 10]) out.intField(has, 1);
  out.close(start);
}

/** The largest int64 rounds up to 2^63 in a double, which would wrap. */
function int64(value: number): number | bigint {
  return value >= 2 ** 63 ? 2n ** 63n - 1n : value;
}
