import type { Frame } from '../model/frame.ts';
import { NodeIndex } from './node-index.ts';
import type { FrameId, StackTree } from './stack-tree.ts';

/** A stack tree that grows. Frames are told apart by content, so frames of two profiles meet. */
export class StackTreeBuilder implements StackTree {
  readonly #nodes = new NodeIndex();
  readonly #frames: (Frame | undefined)[] = [undefined];
  readonly #frameIds = new Map<string, FrameId>();

  get size(): number {
    return this.#nodes.size;
  }

  get parent(): Int32Array {
    return this.#nodes.parent;
  }

  get frame(): Int32Array {
    return this.#nodes.frame;
  }

  get frameCount(): number {
    return this.#frames.length;
  }

  frameAt(id: FrameId): Frame {
    const frame = this.#frames[id];
    if (!frame) throw new Error(`no frame has the id ${id}`);
    return frame;
  }

  /** The id of a frame with this content. It makes a key of text: ask once for each symbol, not for each sample. */
  frameId(frame: Frame): FrameId {
    const key = frameKey(frame);
    let id = this.#frameIds.get(key);
    if (id === undefined) {
      id = this.#frames.push(frame) - 1;
      this.#frameIds.set(key, id);
    }
    return id;
  }

  /** The child of `parent` with this frame; added when it is missing. */
  node(parent: number, frame: FrameId): number {
    return this.#nodes.childOf(parent, frame);
  }

  /** The node of a stack given root first; the empty stack is the root. */
  intern(frames: readonly Frame[]): number {
    let node = 0;
    for (const frame of frames) node = this.node(node, this.frameId(frame));
    return node;
  }
}

/** One text for each content. Lengths stand before texts, which may hold any character. */
function frameKey(frame: Frame): string {
  const flags = (frame.inlined ? 1 : 0) + (frame.folded ? 2 : 0);
  const { function: fn, mapping } = frame;
  const place = mapping ? `${mapping.file.length}:${mapping.file}${mapping.buildId}` : '';
  if (!fn) return `${flags},${frame.address}${mapping ? 'm' : ''}${place}`;
  const lengths = `${fn.name.length},${fn.systemName.length},${fn.file.length}`;
  const numbers = `${flags},${frame.line},${frame.column},${fn.startLine}`;
  return `f${lengths},${numbers}${mapping ? 'm' : ','}${fn.name}${fn.systemName}${fn.file}${place}`;
}
