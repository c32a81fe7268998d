import multipart from '@fastify/multipart';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { IngestOutcome } from '../../ingest/messages.ts';
import { formatByteSize } from '../../model/byte-size.ts';
import { FlameherdError } from '../../model/errors.ts';
import type { Bytes } from '../../model/units.ts';
import { responses, uploadedSchema } from '../answer-schemas.ts';
import { bounds } from '../bounds.ts';
import type { HttpApp, HttpContext } from '../context.ts';
import { type UploadQuery, uploadJob, uploadParameters } from '../upload-job.ts';

interface Upload {
  readonly query: UploadQuery;
  readonly bytes: Uint8Array;
}

/** POST `/api/v1/profiles`: a pprof as the body, or as the file of a form. In a scope of its own, for its body parsers. */
export async function uploadRoutes(app: HttpApp, context: HttpContext): Promise<void> {
  const { deps, options, uploadBytes } = context;
  app.removeAllContentTypeParsers();
  await app.register(multipart, {
    limits: {
      fileSize: options.limits.bodyBytes,
      files: 1,
      fields: bounds.formFields,
      fieldSize: bounds.formFieldBytes,
      fieldNameSize: 200,
    },
  });
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.post(
    '/api/v1/profiles',
    {
      config: { access: 'upload' },
      // Room is taken before the body is read: bodies are what fills the memory.
      onRequest: async (request, reply) => {
        reply.raw.once('close', uploadBytes.take(announcedBytes(request, options.limits.bodyBytes)));
      },
      schema: {
        tags: ['profiles'],
        summary: 'Store a pprof; answers once it is committed',
        description:
          'The body is the profile (gzip or plain), or a multipart form with one file; fields of the form count as parameters. Further labels come as label.NAME=value. Uploads come in time order for each process and kind.',
        consumes: ['application/octet-stream', 'multipart/form-data'],
        querystring: uploadParameters,
        response: responses.json(uploadedSchema, 'Stored.'),
      },
    },
    async (request, reply) => {
      const { query, bytes } = request.isMultipart() ? await formUpload(request) : rawUpload(request);
      const { detailHorizonMs, now } = deps;
      const outcome = await deps.ingest.submit(uploadJob(query, bytes, { nowMs: now(), detailHorizonMs }));
      return sendOutcome(reply, outcome);
    },
  );
}

/** What the body may take: its announced length, or the limit where none is announced or it is beyond. */
function announcedBytes({ headers }: FastifyRequest, limit: Bytes): Bytes {
  const length = Number(headers['content-length'] ?? limit);
  return Number.isSafeInteger(length) && length >= 0 ? Math.min(length, limit) : limit;
}

function rawUpload(request: FastifyRequest): Upload {
  const encoding = request.headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity' && encoding !== 'gzip') {
    throw new FlameherdError(
      'bad_parameter',
      `Content-Encoding: got ${JSON.stringify(encoding)}; allowed are gzip, identity`,
    );
  }
  return { query: request.query as UploadQuery, bytes: ownBytes(request.body) };
}

async function formUpload(request: FastifyRequest): Promise<Upload> {
  const fields: Record<string, unknown> = {};
  let bytes: Uint8Array | undefined;
  for await (const part of request.parts()) {
    if (part.type === 'file') bytes = ownBytes(await part.toBuffer());
    else if (Object.hasOwn(fields, part.fieldname))
      fields[part.fieldname] = [fields[part.fieldname], part.value].flat();
    else fields[part.fieldname] = part.value;
  }
  if (!bytes) {
    throw new FlameherdError('bad_profile', 'the form has no file', { hint: 'curl -F profile=@heap.pb.gz …' });
  }
  return { query: joined(request, fields), bytes };
}

/** Fields pass the same check as the parameters of the URL; a name that is in both is an error. */
function joined(request: FastifyRequest, fields: Record<string, unknown>): UploadQuery {
  const check = request.compileValidationSchema(uploadParameters, 'querystring');
  if (!check(fields)) throw Object.assign(new Error('bad form'), { validation: check.errors ?? [], statusCode: 400 });
  const query = request.query as UploadQuery;
  const twice = Object.keys(fields).find((name) => Object.hasOwn(query, name));
  if (twice !== undefined) {
    throw new FlameherdError('bad_parameter', `${twice}: is in the URL and in the form; allowed is one`);
  }
  return { ...query, ...fields };
}

/** A copy with a buffer of its own: the ingest moves the buffer to its thread, and small ones share a pool. */
function ownBytes(body: unknown): Uint8Array {
  if (!Buffer.isBuffer(body) || body.length === 0) {
    throw new FlameherdError('bad_profile', 'the body is empty', {
      hint: 'curl --data-binary @heap.pb.gz …, or -F profile=@heap.pb.gz',
    });
  }
  return body.length === body.buffer.byteLength ? body : new Uint8Array(body);
}

function sendOutcome(reply: FastifyReply, outcome: IngestOutcome): FastifyReply {
  if (outcome.kind === 'refused') throw FlameherdError.fromPlain(outcome.error);
  if (outcome.kind === 'dropped') {
    throw new FlameherdError('busy', `the ingest queue is full: ${formatByteSize(outcome.queuedBytes)} wait`, {
      hint: 'send it again in a moment',
    });
  }
  const { id, duplicate, samples, trimmed, warnings } = outcome;
  return reply.send({ id, duplicate, samples, trimmed, warnings });
}
