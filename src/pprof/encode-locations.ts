import { Line, Location, Mapping, Function as PprofFunction, type StringTable } from 'pprof-format';
import type { Frame, FunctionName, MappingName } from '../model/frame.ts';
import type { StackTree } from '../profile/stack-tree.ts';

/**
 * Every mapping has the range of all addresses: frames hold addresses relative to their file, so nothing else is known,
 * and equal sizes let google/pprof unify the mappings of two exports.
 */
const mappingLimit = 2n ** 64n - 4096n;

/**
 * The locations of a stack tree, made when a stack first needs them. Frames that were inlined go back into the location
 * of the function that they were inlined into, innermost line first.
 */
export class LocationWriter {
  readonly mappings: Mapping[];
  readonly functions: PprofFunction[] = [];
  readonly locations: Location[] = [];
  readonly #tree: StackTree;
  readonly #strings: StringTable;
  readonly #frames: readonly (Frame | undefined)[];
  readonly #mappingIds: ReadonlyMap<string, number>;
  readonly #functionIds = new Map<string, number>();
  /** By node: the location that ends there (0: not made yet), and the node where the calling location ends. */
  readonly #locationOfNode: Int32Array;
  readonly #callerOfNode: Int32Array;
  readonly #locationIds = new Map<string, number>();

  constructor(tree: StackTree, strings: StringTable, mainMapping: string) {
    this.#tree = tree;
    this.#strings = strings;
    this.#frames = Array.from({ length: tree.frameCount }, (_, id) => (id === 0 ? undefined : tree.frameAt(id)));
    this.#locationOfNode = new Int32Array(tree.size);
    this.#callerOfNode = new Int32Array(tree.size);
    const names = mappingsByUse(this.#frames);
    this.#mappingIds = new Map(names.map((name, i) => [mappingKey(name), i + 1]));
    // Without a mapping that has a file, `go tool pprof` warns that the main binary has no name.
    if (!names.some(({ file }) => file !== '')) names.push({ file: mainMapping, buildId: '' });
    this.mappings = names.map((name, i) => this.#mapping(name, i + 1));
  }

  /** Location ids of the stack that ends at this node, leaf first. */
  stack(leaf: number): number[] {
    const ids: number[] = [];
    for (let node = leaf; node !== 0; node = this.#callerOfNode[node] as number) {
      if (this.#locationOfNode[node] === 0) this.#addLocation(node);
      ids.push(this.#locationOfNode[node] as number);
    }
    return ids;
  }

  /** Gathers frames from `end` upwards to the first that was not inlined: one location. */
  #addLocation(end: number): void {
    const frameIds: number[] = [];
    let node = end;
    let frame: Frame;
    do {
      const id = this.#tree.frame[node] as number;
      frameIds.push(id);
      frame = this.#frames[id] as Frame;
      node = this.#tree.parent[node] as number;
    } while (frame.inlined && this.#isInlinedInto(frame, node));
    const key = frameIds.join();
    let location = this.#locationIds.get(key);
    if (location === undefined) {
      location = this.#location(frameIds.map((id) => this.#frames[id] as Frame));
      this.#locationIds.set(key, location);
    }
    this.#locationOfNode[end] = location;
    this.#callerOfNode[end] = node;
  }

  /** Whether the frame can lie in one location with that of the node above: both have symbols of one mapping. */
  #isInlinedInto(frame: Frame, above: number): boolean {
    const outer = this.#frames[this.#tree.frame[above] as number];
    return (
      outer?.function !== undefined &&
      frame.function !== undefined &&
      outer.folded === frame.folded &&
      outer.mapping?.file === frame.mapping?.file &&
      outer.mapping?.buildId === frame.mapping?.buildId
    );
  }

  #location(frames: readonly Frame[]): number {
    const [innermost] = frames;
    const id = this.locations.length + 1;
    const lines = frames.flatMap((frame) =>
      frame.function
        ? [
            new Line({
              functionId: this.#functionId(frame.function),
              line: int64(frame.line),
              column: int64(frame.column),
            }),
          ]
        : [],
    );
    this.locations.push(
      new Location({
        id,
        mappingId: innermost?.mapping ? (this.#mappingIds.get(mappingKey(innermost.mapping)) ?? 0) : 0,
        address: innermost?.address ?? 0n,
        line: lines,
        isFolded: innermost?.folded ?? false,
      }),
    );
    return id;
  }

  #functionId(fn: FunctionName): number {
    const name = this.#strings.dedup(fn.name);
    const systemName = this.#strings.dedup(fn.systemName);
    const filename = this.#strings.dedup(fn.file);
    const key = `${name},${systemName},${filename},${fn.startLine}`;
    let id = this.#functionIds.get(key);
    if (id === undefined) {
      id = this.functions.length + 1;
      this.#functionIds.set(key, id);
      this.functions.push(new PprofFunction({ id, name, systemName, filename, startLine: int64(fn.startLine) }));
    }
    return id;
  }

  /** All flags are set: lines say all there is, and no tool shall ask us for symbols. */
  #mapping({ file, buildId }: MappingName, id: number): Mapping {
    return new Mapping({
      id,
      memoryLimit: mappingLimit,
      filename: this.#strings.dedup(file),
      buildId: this.#strings.dedup(buildId),
      hasFunctions: true,
      hasFilenames: true,
      hasLineNumbers: true,
      hasInlineFrames: true,
    });
  }
}

/** The mappings of the frames, most used first and named ones before others: the first is taken for the main binary. */
function mappingsByUse(frames: readonly (Frame | undefined)[]): MappingName[] {
  const uses = new Map<string, { mapping: MappingName; count: number }>();
  for (const frame of frames) {
    if (!frame?.mapping) continue;
    const key = mappingKey(frame.mapping);
    const use = uses.get(key);
    if (use) use.count++;
    else uses.set(key, { mapping: frame.mapping, count: 1 });
  }
  return [...uses.values()]
    .sort((a, b) => Number(b.mapping.file !== '') - Number(a.mapping.file !== '') || b.count - a.count)
    .map(({ mapping }) => mapping);
}

function mappingKey({ file, buildId }: MappingName): string {
  return `${file.length}:${file}${buildId}`;
}

/** The largest int64 rounds up to 2^63 in a double, which would wrap. */
function int64(value: number): number | bigint {
  return value >= 2 ** 63 ? 2n ** 63n - 1n : value;
}
