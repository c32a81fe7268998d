import type { FastifyRequest } from 'fastify';
import { FlameherdError } from '../model/errors.ts';

/** A hook for routes whose parameters stand in the URL: a scope in the body, unread, would be a pause of everything. */
export async function refuseBody(request: FastifyRequest): Promise<void> {
  const length = request.headers['content-length'];
  if ((length === undefined || length === '0') && request.headers['transfer-encoding'] === undefined) return;
  throw new FlameherdError('bad_parameter', 'body: this route takes none', {
    hint: 'parameters stand in the URL: ?namespace=shop&workload=checkout',
  });
}
