import { readFile } from 'node:fs/promises';
import { parseDocument, stringify } from 'yaml';
import { FlameherdError, messageOf } from '../model/errors.ts';

/** Reads a YAML file into plain values. Throws `bad_config` that names the file and the line. */
export async function readConfigFile(file: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new FlameherdError('bad_config', `--config: cannot read ${file}: ${messageOf(error)}`, { cause: error });
  }
  return parseConfigText(text, file);
}

export function parseConfigText(text: string, file: string): unknown {
  const document = parseDocument(text, { uniqueKeys: true });
  const [error] = document.errors;
  // What follows the first line is an excerpt, which may hold what does not belong into a log.
  if (error) throw new FlameherdError('bad_config', `${file}: ${error.message.split('\n')[0]?.replace(/:$/, '')}`);
  const value: unknown = document.toJS() ?? {};
  if (typeof value !== 'object' || Array.isArray(value)) {
    throw new FlameherdError(
      'bad_config',
      `${file}: ${JSON.stringify(value)} is not a configuration of KEY: VALUE lines`,
    );
  }
  return value;
}

/** As `config print` shows it. */
export function toYaml(value: unknown): string {
  return stringify(value, { lineWidth: 0 });
}
