import type { Frame, FunctionName, MappingName, PprofLabel, StackTrace } from '../../../model/frame.ts';
import { PairMap } from '../../../profile/pair-map.ts';
import { ByteWriter } from '../encoding/bytes.ts';
import { foldedFlag, inlinedFlag, StackDictionary } from './dictionary.ts';

/**
 * The writer's side of a partition's dictionary: finds the id of a stack by its hash, adds stacks that are new, and hands
 * out what was added since the last time, for the store.
 */
export class StackInterner {
  readonly dictionary = new StackDictionary();
  readonly #byHash = new PairMap();
  #symbols: Symbols | undefined;
  #written = sizesOf(this.dictionary);

  get nodes(): number {
    return this.dictionary.nodeParent.size;
  }

  get stacks(): number {
    return this.dictionary.stackLeaf.size;
  }

  /** Adds what the store holds already, segment by segment in order. */
  load(segment: Uint8Array): void {
    const { stackHashHigh, stackHashLow } = this.dictionary;
    const from = this.stacks;
    this.dictionary.load(segment);
    for (let id = from; id < this.stacks; id++) this.#byHash.set(stackHashHigh.at(id), stackHashLow.at(id), id);
    this.#symbols = undefined;
    this.#written = sizesOf(this.dictionary);
  }

  /** The id of a known stack, or -1. */
  find(hashHigh: number, hashLow: number): number {
    return this.#byHash.get(hashHigh, hashLow);
  }

  /** Adds a stack. One that is known under another hash (a new seed) keeps its id, so that no stack has two. */
  add(hashHigh: number, hashLow: number, { frames, labels }: StackTrace): number {
    this.#symbols ??= new Symbols(this.dictionary);
    let node = 0;
    for (const frame of frames) node = this.#symbols.node(node, this.#symbols.frame(frame));
    const id = this.#symbols.stack(node, this.#symbols.labelSet(labels));
    if (id === this.dictionary.stackHashHigh.size) {
      this.dictionary.stackHashHigh.push(hashHigh);
      this.dictionary.stackHashLow.push(hashLow);
    }
    this.#byHash.set(hashHigh, hashLow, id);
    return id;
  }

  /** What was added since the last call, or undefined. The bytes are the caller's. */
  takeSegment(): Buffer | undefined {
    const from = this.#written;
    this.#written = sizesOf(this.dictionary);
    if (from.stacks === this.#written.stacks) return undefined;
    return encodeSegment(this.dictionary, from, (text) => this.#symbols?.stringId(text) ?? 0);
  }
}

/** Finds or adds the parts of a stack. Built only when a partition meets a new stack: most are never asked again. */
class Symbols {
  readonly #dictionary: StackDictionary;
  readonly #strings = new Map<string, number>();
  readonly #functions = new Map<string, number>();
  readonly #mappings = new Map<string, number>();
  readonly #frames = new Map<string, number>();
  readonly #labelSets = new Map<string, number>();
  readonly #nodes = new PairMap();
  readonly #stacks = new PairMap();
  /** Callers hand in the same frame objects again and again. */
  readonly #frameObjects = new WeakMap<Frame, number>();

  constructor(dictionary: StackDictionary) {
    this.#dictionary = dictionary;
    const { strings, functions, mappings, frameFunction, nodeParent, nodeFrame, labelSets, stackLeaf, stackLabelSet } =
      dictionary;
    strings.forEach((text, id) => this.#strings.set(text, id));
    functions.forEach((known, id) => known && this.#functions.set(this.#functionKey(known), id));
    mappings.forEach((known, id) => known && this.#mappings.set(this.#mappingKey(known), id));
    for (let id = 1; id < frameFunction.size; id++) this.#frames.set(this.#frameKey(dictionary.frame(id)), id);
    for (let id = 1; id < nodeParent.size; id++) this.#nodes.set(nodeParent.at(id), nodeFrame.at(id), id);
    labelSets.forEach((labels, id) => this.#labelSets.set(this.#labelsKey(labels), id));
    for (let id = 0; id < stackLeaf.size; id++) this.#stacks.set(stackLeaf.at(id), stackLabelSet.at(id), id);
  }

  node(parent: number, frame: number): number {
    const known = this.#nodes.get(parent, frame);
    if (known >= 0) return known;
    const id = this.#dictionary.nodeParent.push(parent);
    this.#dictionary.nodeFrame.push(frame);
    this.#nodes.set(parent, frame, id);
    return id;
  }

  frame(frame: Frame): number {
    const seen = this.#frameObjects.get(frame);
    if (seen !== undefined) return seen;
    const key = this.#frameKey(frame);
    const id = this.#frames.get(key) ?? this.#addFrame(frame, key);
    this.#frameObjects.set(frame, id);
    return id;
  }

  stack(leaf: number, labelSet: number): number {
    const known = this.#stacks.get(leaf, labelSet);
    if (known >= 0) return known;
    const id = this.#dictionary.stackLeaf.push(leaf);
    this.#dictionary.stackLabelSet.push(labelSet);
    this.#stacks.set(leaf, labelSet, id);
    return id;
  }

  labelSet(labels: readonly PprofLabel[]): number {
    if (labels.length === 0) return 0;
    const key = this.#labelsKey(labels);
    return this.#labelSets.get(key) ?? remember(this.#labelSets, key, this.#dictionary.labelSets.push(labels) - 1);
  }

  stringId(text: string): number {
    return this.#strings.get(text) ?? remember(this.#strings, text, this.#dictionary.strings.push(text) - 1);
  }

  #addFrame(frame: Frame, key: string): number {
    const { frameFunction, frameMapping, frameFlags, frameLine, frameColumn, frameAddress } = this.#dictionary;
    const id = frameFunction.push(frame.function ? this.#functionId(frame.function) : 0);
    frameMapping.push(frame.mapping ? this.#mappingId(frame.mapping) : 0);
    frameFlags.push(flagsOf(frame));
    frameLine.push(frame.line);
    frameColumn.push(frame.column);
    if (!frame.function) frameAddress.set(id, frame.address);
    return remember(this.#frames, key, id);
  }

  #functionId(known: FunctionName): number {
    const key = this.#functionKey(known);
    return this.#functions.get(key) ?? remember(this.#functions, key, this.#dictionary.functions.push(known) - 1);
  }

  #mappingId(known: MappingName): number {
    const key = this.#mappingKey(known);
    return this.#mappings.get(key) ?? remember(this.#mappings, key, this.#dictionary.mappings.push(known) - 1);
  }

  #frameKey(frame: Frame): string {
    const code = frame.function ? this.#functionId(frame.function) : `@${frame.address}`;
    const mapping = frame.mapping ? this.#mappingId(frame.mapping) : 0;
    return `${code},${frame.line},${frame.column},${flagsOf(frame)},${mapping}`;
  }

  #functionKey({ name, systemName, file, startLine }: FunctionName): string {
    return `${this.stringId(name)},${this.stringId(systemName)},${this.stringId(file)},${startLine}`;
  }

  #mappingKey({ file, buildId }: MappingName): string {
    return `${this.stringId(file)},${this.stringId(buildId)}`;
  }

  #labelsKey(labels: readonly PprofLabel[]): string {
    return labels
      .map((label) =>
        'text' in label
          ? `${this.stringId(label.key)}=${this.stringId(label.text)}`
          : `${this.stringId(label.key)}#${label.number},${this.stringId(label.unit)}`,
      )
      .join(';');
  }
}

function remember(ids: Map<string, number>, key: string, id: number): number {
  ids.set(key, id);
  return id;
}

function flagsOf(frame: Frame): number {
  return (frame.inlined ? inlinedFlag : 0) | (frame.folded ? foldedFlag : 0);
}

interface Sizes {
  readonly strings: number;
  readonly functions: number;
  readonly mappings: number;
  readonly frames: number;
  readonly nodes: number;
  readonly labelSets: number;
  readonly stacks: number;
}

function sizesOf(dictionary: StackDictionary): Sizes {
  return {
    strings: dictionary.strings.length,
    functions: dictionary.functions.length,
    mappings: dictionary.mappings.length,
    frames: dictionary.frameFunction.size,
    nodes: dictionary.nodeParent.size,
    labelSets: dictionary.labelSets.length,
    stacks: dictionary.stackLeaf.size,
  };
}

/** Everything from some sizes on, as docs/STORAGE.md ("A dictionary segment") draws it. */
function encodeSegment(dictionary: StackDictionary, from: Sizes, stringId: (text: string) => number): Buffer {
  const writer = new ByteWriter();
  const to = sizesOf(dictionary);
  const section = (name: keyof Sizes, write: (id: number) => void): void => {
    writer.uint(to[name] - from[name]);
    for (let id = from[name]; id < to[name]; id++) write(id);
  };
  section('strings', (id) => writer.text(dictionary.strings[id] ?? ''));
  section('functions', (id) => {
    const known = dictionary.functions[id];
    for (const text of [known?.name, known?.systemName, known?.file]) writer.uint(stringId(text ?? ''));
    writer.int(known?.startLine ?? 0);
  });
  section('mappings', (id) => {
    const known = dictionary.mappings[id];
    for (const text of [known?.file, known?.buildId]) writer.uint(stringId(text ?? ''));
  });
  section('frames', (id) => {
    for (const column of ['frameFunction', 'frameMapping', 'frameFlags'] as const)
      writer.uint(dictionary[column].at(id));
    writer.int(dictionary.frameLine[id] ?? 0);
    writer.int(dictionary.frameColumn[id] ?? 0);
    if (dictionary.frameFunction.at(id) === 0) writer.int(dictionary.frameAddress.get(id) ?? 0n);
  });
  section('nodes', (id) => {
    writer.uint(id - dictionary.nodeParent.at(id));
    writer.uint(dictionary.nodeFrame.at(id));
  });
  section('labelSets', (id) => {
    const labels = dictionary.labelSets[id] ?? [];
    writer.uint(labels.length);
    for (const label of labels) {
      writer.uint(stringId(label.key));
      writer.byte('text' in label ? 0 : 1);
      if ('text' in label) writer.uint(stringId(label.text));
      else {
        writer.int(label.number);
        writer.uint(stringId(label.unit));
      }
    }
  });
  section('stacks', (id) => {
    writer.uint(dictionary.stackLeaf.at(id));
    writer.uint(dictionary.stackLabelSet.at(id));
    writer.fixed32(dictionary.stackHashHigh.at(id));
    writer.fixed32(dictionary.stackHashLow.at(id));
  });
  return writer.bytes();
}
