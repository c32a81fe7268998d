import type { FastifySchemaValidationError } from 'fastify/types/schema.js';
import { FlameherdError } from '../model/errors.ts';
import { nearest } from '../model/near.ts';

/** What the validator says with `verbose`: the schema that failed and the value that failed it. */
interface Fault extends FastifySchemaValidationError {
  readonly parentSchema?: SchemaNode;
  readonly data?: unknown;
}

interface SchemaNode {
  readonly type?: string;
  readonly description?: string;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly maxItems?: number;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
}

/** The first fault of the validator as `bad_parameter`: which parameter, what was given, what is allowed. */
export function parameterError(faults: readonly Fault[]): FlameherdError {
  const [fault] = faults;
  if (!fault) return new FlameherdError('bad_parameter', 'the parameters are not valid');
  if (fault.keyword === 'additionalProperties') {
    return unknownParameter(
      String(fault.params['additionalProperty']),
      Object.keys(fault.parentSchema?.properties ?? {}),
    );
  }
  if (fault.keyword === 'required') {
    const name = String(fault.params['missingProperty']);
    return new FlameherdError('bad_parameter', `${name}: is missing`, {
      hint: fault.parentSchema?.properties?.[name]?.description,
    });
  }
  const name = fault.instancePath.split('/')[1]?.replaceAll('~1', '/').replaceAll('~0', '~') || 'parameters';
  return new FlameherdError('bad_parameter', `${name}: ${given(fault)}; allowed is ${allowed(fault)}`, {
    hint: fault.parentSchema?.description,
  });
}

function unknownParameter(name: string, known: readonly string[]): FlameherdError {
  const allowedNames = known.length === 0 ? 'this route has no parameters' : `allowed are ${known.join(', ')}`;
  const [near] = nearest(name, known);
  return new FlameherdError('bad_parameter', `${JSON.stringify(name)}: no such parameter; ${allowedNames}`, {
    hint: near === undefined ? undefined : `did you mean ${near}?`,
  });
}

function given({ data, parentSchema }: Fault): string {
  if (Array.isArray(data))
    return parentSchema?.type === 'array' ? `${data.length} values` : `given ${data.length} times`;
  const text = JSON.stringify(data) ?? 'nothing';
  return `got ${text.length > 120 ? `${text.slice(0, 120)}…` : text}`;
}

function allowed({ data, parentSchema, message }: Fault): string {
  if (Array.isArray(data)) return parentSchema?.type === 'array' ? `at most ${parentSchema.maxItems}` : 'one';
  if (parentSchema?.enum) return `one of ${parentSchema.enum.join(', ')}`;
  const { type, minimum, maximum, minLength, maxLength } = parentSchema ?? {};
  if (type === 'integer') return `a whole number from ${minimum ?? '-∞'} to ${maximum ?? '∞'}`;
  if (type === 'boolean') return 'true or false';
  if (type === 'string' && (minLength !== undefined || maxLength !== undefined)) {
    return `a text of ${minLength ?? 0} to ${maxLength ?? 'any number of'} characters`;
  }
  return message ?? 'something else';
}
