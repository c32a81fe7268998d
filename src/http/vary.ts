import type { FastifyReply } from 'fastify';

/** Says that an answer depends on more headers of the request, beside those that it says already. */
export function addVary(reply: FastifyReply, names: string): void {
  const before = reply.getHeader('Vary');
  reply.header('Vary', before === undefined ? names : `${[before].flat().join(', ')}, ${names}`);
}
