import { isDeepStrictEqual } from 'node:util';
import { Value } from 'typebox/value';
import { FlameherdError } from '../model/errors.ts';
import { contradictionsIn } from './contradictions.ts';
import { readEnvironment } from './environment.ts';
import { faultsIn } from './faults.ts';
import { asNode, configKeys, type SchemaNode } from './keys.ts';
import { type Config, configSchema } from './schema.ts';
import { parseText } from './values.ts';

/** Values by dotted key, as flags give them: `{'http.listen': '127.0.0.1:0'}`. */
export type Overrides = Readonly<Record<string, unknown>>;

export interface LoadedConfig {
  readonly config: Config;
  /** The same before texts are parsed, as `config print` shows it. */
  readonly plain: Readonly<Record<string, unknown>>;
  readonly warnings: readonly string[];
}

/**
 * The configuration: defaults, then the file, then the environment, then flags. Throws `bad_config` with every fault,
 * one a line.
 */
export async function loadConfig(
  file: string | undefined,
  environment: NodeJS.ProcessEnv,
  flags: Overrides = {},
): Promise<LoadedConfig> {
  // YAML is loaded where there is some.
  const fromFile = file === undefined ? {} : await (await import('./file.ts')).readConfigFile(file);
  const { values, warnings } = readEnvironment(environment);
  return {
    ...configOf([fromFile, nested(values), nested(flags)], file),
    warnings: [...warnings, ...outvoted(fromFile, values)],
  };
}

/** Keys that the file sets in vain: an image or a manifest may have set a variable that nobody thinks of. */
function outvoted(fromFile: unknown, values: Overrides): string[] {
  return configKeys
    .filter(({ path }) => {
      const inFile = path.split('.').reduce((at, name) => (isSection(at) ? at[name] : undefined), fromFile);
      return path in values && inFile !== undefined && !isDeepStrictEqual(inFile, values[path]);
    })
    .map(({ path, variable }) => `${path}: ${variable} of the environment wins over the file`);
}

/** As `loadConfig`, from values that are read already; a later layer wins. */
export function configOf(layers: readonly unknown[], file?: string): Omit<LoadedConfig, 'warnings'> {
  const plain = Value.Default(configSchema, layers.reduce(overlay, {})) as Record<string, unknown>;
  const faults = faultsIn(plain);
  const config = faults.length > 0 ? undefined : (parsed(asNode(configSchema), plain) as Config);
  if (config) faults.push(...contradictionsIn(config));
  if (!config || faults.length > 0) {
    throw new FlameherdError('bad_config', faults.map(({ message }) => message).join('\n'), {
      hint: `${file ? `the file is ${file}; ` : ''}flameherd config print shows what is in force, docs/CONFIG.md every key`,
    });
  }
  return { config, plain };
}

/** Sections are laid over each other; lists and values replace. */
function overlay(below: unknown, above: unknown): unknown {
  if (!isSection(below) || !isSection(above)) return above ?? below;
  const names = new Set([...Object.keys(below), ...Object.keys(above)]);
  return Object.fromEntries([...names].map((name) => [name, overlay(below[name], above[name])]));
}

function nested(values: Overrides): unknown {
  return Object.entries(values).reduce<unknown>((tree, [key, value]) => {
    const branch = key.split('.').reduceRight<unknown>((inner, name) => ({ [name]: inner }), value);
    return overlay(tree, branch);
  }, {});
}

function parsed(schema: SchemaNode, value: unknown): unknown {
  if (schema.format && typeof value === 'string') return parseText(schema.format, value);
  const { items, properties } = schema;
  if (items && Array.isArray(value)) return value.map((item) => parsed(items, item));
  if (!properties || !isSection(value)) return value;
  return Object.fromEntries(Object.entries(properties).map(([name, child]) => [name, parsed(child, value[name])]));
}

function isSection(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
