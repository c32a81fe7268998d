import { gunzipSync } from 'node:zlib';

/** CPU of this process so far, all threads, in milliseconds. */
export function cpuNowMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** CPU of the bare gunzip of some bodies, in one piece as the decoder does it: the yardstick of ingest. */
export function gunzipCpuMs(bodies: readonly Uint8Array[]): number {
  const before = cpuNowMs();
  for (const body of bodies) gunzipSync(body, { chunkSize: inflatedLength(body) + 64 });
  return cpuNowMs() - before;
}

/** As the last four bytes of gzip say. */
function inflatedLength(gzip: Uint8Array): number {
  return new DataView(gzip.buffer, gzip.byteOffset, gzip.byteLength).getUint32(gzip.byteLength - 4, true);
}
