import type { Amounts } from './amounts.ts';
import type { CallTree } from './call-tree.ts';
import { comparedName } from './compared-name.ts';
import { NodeIndex } from './node-index.ts';

/**
 * Two call trees over the same nodes: `size`, `names`, `name` and `parent` of both are the same, and so are files. A node that
 * only one of them has is 0 in the other. Functions are told apart by their compared names.
 */
export interface ComparedTrees {
  readonly compare: CallTree;
  readonly base: CallTree;
}

/** Nodes between two checks. */
const checkedNodes = 8192;

/**
 * Brings two trees together, nodes of both by their compared names. Numbers stay as they are. `check` is called every few
 * thousand nodes and may throw to stop the work.
 */
export function comparedTrees(compare: CallTree, base: CallTree, check: () => void = () => {}): ComparedTrees {
  const names = new ComparedNames();
  const nodes = new NodeIndex();
  const [placesOfCompare, placesOfBase] = [compare, base].map((tree) =>
    nodesInto(nodes, tree, names.idsOf(tree), check),
  );
  check();
  const shared = {
    size: nodes.size,
    names: names.texts,
    fileOf: (id: number) => names.files[id] ?? '',
    name: nodes.frame.slice(0, nodes.size),
    parent: nodes.parent.slice(0, nodes.size),
  };
  return {
    compare: { ...compare, ...shared, ...amountsAt(compare, placesOfCompare as Int32Array, nodes.size) },
    base: { ...base, ...shared, ...amountsAt(base, placesOfBase as Int32Array, nodes.size) },
  };
}

/** The same nodes under compared names: enough to add up functions by. Nodes that would come together stay apart. */
export function underComparedNames(tree: CallTree): CallTree {
  const names = new ComparedNames();
  const ids = names.idsOf(tree);
  return {
    ...tree,
    names: names.texts,
    fileOf: (id) => names.files[id] ?? '',
    name: tree.name.map((id) => ids[id] as number),
  };
}

class ComparedNames {
  readonly texts: string[] = [];
  readonly files: string[] = [];
  readonly #ids = new Map<string, number>();

  /** By the name ids of a tree; the root's name comes first. */
  idsOf(tree: CallTree): Int32Array {
    return Int32Array.from(tree.names, (name, at) => {
      const text = at === 0 ? name : comparedName(name);
      // The root is no function, though one may be called as it is.
      const key = at === 0 ? '' : `.${text}`;
      let id = this.#ids.get(key);
      if (id === undefined) {
        id = this.texts.push(text) - 1;
        this.files.push('');
        this.#ids.set(key, id);
      }
      this.files[id] ||= tree.fileOf(at);
      return id;
    });
  }
}

function nodesInto(
  nodes: NodeIndex,
  { size, parent, name }: CallTree,
  nameIds: Int32Array,
  check: () => void,
): Int32Array {
  const places = new Int32Array(size);
  for (let node = 1; node < size; node++) {
    if (node % checkedNodes === 0) check();
    places[node] = nodes.childOf(places[parent[node] as number] as number, nameIds[name[node] as number] as number);
  }
  return places;
}

function amountsAt({ self, total }: CallTree, places: Int32Array, size: number): { self: Amounts; total: Amounts } {
  return { self: movedTo(self, places, size), total: movedTo(total, places, size) };
}

/** Several nodes of one tree may have the same place: closures beside each other. */
function movedTo(amounts: Amounts, places: Int32Array, size: number): Amounts {
  if (amounts instanceof Float64Array) {
    const moved = new Float64Array(size);
    for (let node = 0; node < places.length; node++) {
      const place = places[node] as number;
      moved[place] = (moved[place] as number) + (amounts[node] as number);
    }
    return moved;
  }
  const moved = Array.from({ length: size }, () => 0n);
  for (let node = 0; node < places.length; node++) {
    const place = places[node] as number;
    moved[place] = (moved[place] as bigint) + (amounts[node] as bigint);
  }
  return moved;
}
