import { createRequire } from 'node:module';
import type { ValidatorFactory } from '@fastify/ajv-compiler';
import type { FastifySchemaValidationError } from 'fastify/types/schema.js';

/** Says in `errors` what is wrong with the last value that it refused. */
interface Validate {
  (data: unknown): boolean;
  errors?: FastifySchemaValidationError[] | null | undefined;
}
type Compiler = (route: unknown) => Validate;

const require = createRequire(import.meta.url);

/**
 * Fastify's own validators, made when a request first needs one: making those of all routes was a sixth of what the
 * collector did until it was ready, and one that is only scraping needs none. The first question of a route waits some
 * milliseconds for its own.
 */
export const lateValidators = ((...options: readonly unknown[]) => {
  let compile: Compiler | undefined;
  return (route: unknown): Validate => {
    let validate: Validate | undefined;
    const late: Validate = (data) => {
      compile ??= compilerFactory()(...options);
      validate ??= compile(route);
      const isValid = validate(data);
      late.errors = validate.errors;
      return isValid;
    };
    return late;
  };
}) as unknown as ValidatorFactory;

function compilerFactory(): (...options: readonly unknown[]) => Compiler {
  const newPool = require('@fastify/ajv-compiler') as () => (...options: readonly unknown[]) => Compiler;
  return newPool();
}
