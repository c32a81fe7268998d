import { frameName } from '../../../model/frame.ts';
import { rootName } from '../../../profile/call-tree.ts';
import { comparedName } from '../../../profile/compared-name.ts';
import { NodeIndex } from '../../../profile/node-index.ts';
import { outermostNodes } from '../../../profile/outermost.ts';
import { Int32Column } from '../encoding/int32-column.ts';
import type { StackDictionary } from './dictionary.ts';

/**
 * The trees of dictionaries with lines, files and builds folded away, and the function names that they share. Names are
 * numbered over all dictionaries, so that answers over many compare numbers; 0 is the root's. Past its bound this is
 * replaced by a new one, as the frame registry is.
 */
export class NameTrees {
  readonly #names: string[] = [rootName];
  readonly #ids = new Map<string, number>();
  readonly #trees = new WeakMap<StackDictionary, NameTree>();
  readonly #compared = new Int32Column(0);
  #counters = new Int32Array(0);

  get names(): readonly string[] {
    return this.#names;
  }

  /** The tree of a dictionary as it is now; what is new since the last time is added to it. */
  of(dictionary: StackDictionary): NameTree {
    const known = this.#trees.get(dictionary);
    const tree = known ?? new NameTree(this, dictionary);
    if (!known) this.#trees.set(dictionary, tree);
    tree.grow();
    return tree;
  }

  /** -1 for a name that no function has. */
  find(name: string): number {
    return this.#ids.get(name) ?? -1;
  }

  numberOf(name: string): number {
    let id = this.#ids.get(name);
    if (id === undefined) {
      id = this.#names.push(name) - 1;
      this.#ids.set(name, id);
    }
    return id;
  }

  /** By name: the number of the name that builds are compared by. May add names; the first `names.length` are valid. */
  compared(): Int32Array {
    for (let id = this.#compared.size; id < this.#names.length; id++) {
      const name = this.#names[id] as string;
      const shown = comparedName(name);
      this.#compared.push(shown === name ? id : this.numberOf(shown));
    }
    return this.#compared.array;
  }

  /** A counter for each name, all 0; whoever takes them leaves them so. */
  counters(): Int32Array {
    if (this.#counters.length < this.#names.length) this.#counters = new Int32Array(2 * this.#names.length);
    return this.#counters;
  }
}

/** The tree of one dictionary by function names. Node 0 is the root; a parent's number is below its children's. */
export class NameTree {
  readonly #names: NameTrees;
  readonly #dictionary: StackDictionary;
  readonly #nodes = new NodeIndex();
  readonly #nameOfFunction = new Int32Column(0);
  readonly #nameOfFrame = new Int32Column(0);
  readonly #nodeOf = new Int32Column(0);
  /** By name, of the first `#filed` functions and of what has only an address. */
  readonly #files = new Map<number, string>();
  #filed = 1;
  #outermost: Uint8Array = new Uint8Array(0);
  #outermostCompared: Uint8Array = new Uint8Array(0);

  constructor(names: NameTrees, dictionary: StackDictionary) {
    this.#names = names;
    this.#dictionary = dictionary;
  }

  get size(): number {
    return this.#nodes.size;
  }

  /** Parent of each node; the first `size` are valid. */
  get parent(): Int32Array {
    return this.#nodes.parent;
  }

  /** Name of each node; the first `size` are valid. */
  get name(): Int32Array {
    return this.#nodes.frame;
  }

  /** The node that each node of the dictionary's own tree is part of. */
  get nodeOf(): Int32Array {
    return this.#nodeOf.array;
  }

  /** A file of a function; '' when unknown. */
  fileOf(name: number): string {
    const { functions } = this.#dictionary;
    for (; this.#filed < functions.length; this.#filed++) {
      const own = this.#nameOfFunction.at(this.#filed);
      const file = functions[this.#filed]?.file ?? '';
      if (file !== '' && !this.#files.has(own)) this.#files.set(own, file);
    }
    return this.#files.get(name) ?? '';
  }

  /** 1 for the root, and for each node whose function is not above it on its stack. */
  outermost(): Uint8Array {
    if (this.#outermost.length !== this.size) this.#outermost = this.#outermostBy(this.name);
    return this.#outermost;
  }

  /** The same where functions are told apart by their compared names. */
  outermostCompared(): Uint8Array {
    if (this.#outermostCompared.length !== this.size) {
      const compared = this.#names.compared();
      const names = this.name.subarray(0, this.size).map((name) => compared[name] as number);
      this.#outermostCompared = this.#outermostBy(names);
    }
    return this.#outermostCompared;
  }

  #outermostBy(names: Int32Array): Uint8Array {
    const parent = this.parent.subarray(0, this.size);
    const outermost = outermostNodes(parent, names, this.#names.counters());
    outermost[0] = 1;
    return outermost;
  }

  /** Adds what the dictionary has been given since the last time. */
  grow(): void {
    const { nodeParent, nodeFrame } = this.#dictionary;
    if (this.#nodeOf.size === nodeParent.size) return;
    this.#nameFunctions();
    this.#nameFrames();
    for (let node = this.#nodeOf.size; node < nodeParent.size; node++) {
      const parent = this.#nodeOf.at(nodeParent.at(node));
      this.#nodeOf.push(this.#nodes.childOf(parent, this.#nameOfFrame.at(nodeFrame.at(node))));
    }
  }

  #nameFunctions(): void {
    const { functions } = this.#dictionary;
    for (let id = this.#nameOfFunction.size; id < functions.length; id++) {
      const known = functions[id];
      this.#nameOfFunction.push(known ? this.#names.numberOf(known.name || known.systemName || '?') : 0);
    }
  }

  #nameFrames(): void {
    const { frameFunction } = this.#dictionary;
    for (let id = this.#nameOfFrame.size; id < frameFunction.size; id++) {
      const known = frameFunction.at(id);
      this.#nameOfFrame.push(known === 0 ? this.#nameAddress(id) : this.#nameOfFunction.at(known));
    }
  }

  #nameAddress(id: number): number {
    const frame = this.#dictionary.frame(id);
    const name = this.#names.numberOf(frameName(frame));
    if (frame.mapping?.file) this.#files.set(name, frame.mapping.file);
    return name;
  }
}
