import { type TSchema, Type } from 'typebox';

/** The words in which the sections of the configuration are written. */

export const section = <T extends Record<string, TSchema>>(description: string, properties: T) =>
  Type.Object(properties, { additionalProperties: false, default: {}, description });

export const text = (fallback: string, description: string) => Type.String({ default: fallback, description });
export const flag = (fallback: boolean, description: string) => Type.Boolean({ default: fallback, description });
export const count = (fallback: number, minimum: number, maximum: number, description: string) =>
  Type.Integer({ default: fallback, minimum, maximum, description });
export const list = (fallback: string[], description: string) =>
  Type.Array(Type.String(), { default: fallback, description });
export const labels = (description: string) => Type.Record(Type.String(), Type.String(), { default: {}, description });
export const choice = <T extends string>(values: readonly T[], fallback: T, description: string) =>
  Type.Unsafe<T>({ type: 'string', enum: [...values], default: fallback, description });
