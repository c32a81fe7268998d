import { request as overHttp } from 'node:http';
import { request as overHttps } from 'node:https';

/** As `fetch`, which gives up when nothing has come for five minutes: a profile of five takes longer. Follows no redirect. */
export async function patientFetch(url: URL, init: { method: string; headers: Record<string, string> }) {
  const answered = Promise.withResolvers<Response>();
  const request = (url.protocol === 'https:' ? overHttps : overHttp)(url, init, (answer) => {
    const headers = new Headers();
    for (const [name, values = []] of Object.entries(answer.headersDistinct)) {
      for (const value of values) headers.append(name, value);
    }
    answer
      .toArray()
      .then(
        (chunks: Buffer[]) =>
          answered.resolve(new Response(Buffer.concat(chunks), { status: answer.statusCode ?? 0, headers })),
        answered.reject,
      );
  });
  request.on('error', answered.reject);
  request.end();
  return answered.promise;
}
