import type { RecordedScrape, Recording } from './app-recording.ts';

export interface UploadAnswer {
  readonly id: string;
  readonly duplicate: boolean;
}

/** The uploads of one pod at one tick, kind by kind: each is sent when it is called. */
export function uploadsOf(
  { name, intervalMs }: Recording,
  { pod, incarnation, build, startedMs, ms, files }: RecordedScrape,
): ((url: string) => Promise<UploadAnswer>)[] {
  return Object.entries(files).map(([kind, bytes]) => {
    const parameters = new URLSearchParams({
      namespace: name,
      workload: 'app',
      workload_kind: 'Deployment',
      container: 'app',
      pod,
      revision: build,
      process: `${pod}/${incarnation}`,
      started: String(startedMs),
      interval: `${intervalMs}ms`,
      time: String(ms),
      kind,
    });
    return (url) => upload(url, parameters, bytes);
  });
}

/** Sends one profile. Throws what the daemon answered when it is no 200. */
export async function upload(url: string, parameters: URLSearchParams, bytes: Uint8Array): Promise<UploadAnswer> {
  const response = await fetch(`${url}/api/v1/profiles?${parameters.toString()}`, {
    method: 'POST',
    headers: { 'content-type': 'application/octet-stream' },
    body: bytes.slice(),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${parameters.toString()}: HTTP ${response.status} ${text}`);
  return JSON.parse(text) as UploadAnswer;
}
