import type { FastifyReply } from 'fastify';

/** Says that an answer depends on more headers of the request, beside those that it says already. */
export function addVary(reply: FastifyReply, names: readonly string[]): void {
  const before = [reply.getHeader('Vary') ?? []].flat().join(',').split(',');
  const all = [...before, ...names].map((name) => name.trim()).filter((name) => name !== '');
  reply.header('Vary', [...new Map(all.map((name) => [name.toLowerCase(), name])).values()].join(', '));
}
