import type { TSchema } from 'typebox';
import { configSchema } from './schema.ts';

/** The parts of a JSON Schema node that the configuration uses. */
export interface SchemaNode {
  readonly type?: string;
  readonly format?: string;
  readonly enum?: readonly string[];
  readonly default?: unknown;
  readonly description?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly items?: SchemaNode;
  readonly patternProperties?: Readonly<Record<string, SchemaNode>>;
}

export interface ConfigKey {
  /** As it is written: `discovery.namespaces.exclude`. */
  readonly path: string;
  /** The environment variable of the same meaning: `FLAMEHERD_DISCOVERY_NAMESPACES_EXCLUDE`. */
  readonly variable: string;
  readonly schema: SchemaNode;
}

/** Every key that holds a value, in the order of the schema. */
export const configKeys: readonly ConfigKey[] = leaves(asNode(configSchema), []);

export function asNode(schema: TSchema): SchemaNode {
  return schema;
}

/** The schema at a path of names; array items go by their index. Undefined when there is none. */
export function schemaAt(path: readonly string[]): SchemaNode | undefined {
  let node: SchemaNode | undefined = asNode(configSchema);
  for (const name of path) {
    node = node?.properties?.[name] ?? node?.items ?? Object.values(node?.patternProperties ?? {})[0];
  }
  return node;
}

function leaves(node: SchemaNode, path: readonly string[]): ConfigKey[] {
  if (node.properties) {
    return Object.entries(node.properties).flatMap(([name, child]) => leaves(child, [...path, name]));
  }
  return [{ path: path.join('.'), variable: variableOf(path), schema: node }];
}

function variableOf(path: readonly string[]): string {
  return ['FLAMEHERD', ...path.map((name) => name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase())].join('_');
}
