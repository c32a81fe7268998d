import { toLoginAt } from './login.ts';
import { problemOf, unreachable } from './problem.ts';

/** Told while an answer arrives: bytes so far, after decompression. */
export type Progress = (bytes: number) => void;

const largeAnswer = 1_000_000;
/** Told so often at most: each time something is drawn. */
const progressMs = 100;

/** An answer as JSON. Throws `Problem`, or what `signal` was aborted with. */
export async function ask<Answer>(url: string, signal: AbortSignal, progress?: Progress): Promise<Answer> {
  const response = await reach(url, { signal, headers: { Accept: 'application/json' } });
  const text = progress ? await readText(response, progress) : await response.text();
  const answer = JSON.parse(text) as Answer;
  // Drawing a large answer is a task of its own: what is typed meanwhile has its turn between the two.
  if (text.length > largeAnswer) await new Promise((resume) => setTimeout(resume));
  return answer;
}

/** An order: pause, resume, snap. Throws as `ask`. */
export async function order(method: 'POST' | 'DELETE', url: string, signal?: AbortSignal): Promise<Response> {
  return await reach(url, { method, ...(signal && { signal }) });
}

async function reach(url: string, init: RequestInit): Promise<Response> {
  let response: Response;
  try {
    const headers = new Headers(init.headers);
    headers.set('X-Requested-With', 'flameherd');
    response = await fetch(url, { ...init, headers });
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw unreachable(error);
  }
  if (response.status === 401) toLoginAt(response.headers.get('X-Flameherd-Login'));
  if (!response.ok) throw await problemOf(response);
  return response;
}

async function readText(response: Response, progress: Progress): Promise<string> {
  if (!response.body) return await response.text();
  const decoder = new TextDecoder();
  let [text, bytes, toldMs] = ['', 0, performance.now()];
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    text += decoder.decode(chunk, { stream: true });
    if (performance.now() - toldMs < progressMs) continue;
    progress(bytes);
    toldMs = performance.now();
  }
  return text + decoder.decode();
}
