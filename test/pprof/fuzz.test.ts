import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { gunzipSync, gzipSync } from 'node:zlib';
import { FlameherdError } from '../../src/model/errors.ts';
import { PprofDecoder } from '../../src/pprof/decode.ts';
import { DecodeError } from '../../src/pprof/decode-error.ts';
import { defaultDecodeLimits } from '../../src/pprof/decode-limits.ts';
import type { DecodedProfile } from '../../src/pprof/decoded-profile.ts';
import { encodeProfile } from '../../src/pprof/encode.ts';
import { profileOf } from '../../src/pprof/to-profile.ts';
import { corpusFile, realIndex } from '../support/corpus.ts';
import { profileField, smallProfile } from '../support/pprof-wire.ts';
import { profileFromText } from '../support/profile-from-text.ts';

const runs = Number(process.env['FLAMEHERD_FUZZ_RUNS'] ?? 3000);
const seed = Number(process.env['FLAMEHERD_FUZZ_SEED'] ?? Math.floor(Math.random() * 2 ** 31));

/** Larger profiles are left out: their mutants say nothing that smaller ones do not. */
const largestSeedFile = 40_000;
const mebi = 1 << 20;

test(`a mutated profile is a sound profile or a DecodeError (FLAMEHERD_FUZZ_SEED=${seed}, ${runs} runs)`, async () => {
  const random = randomNumbers(seed);
  const decoder = new PprofDecoder({ ...defaultDecodeLimits, inflatedBytes: 8 * mebi });
  const bodies = soundBodies();
  let accepted = 0;
  let largestRss = 0;
  for (let run = 0; run < runs; run++) {
    const body = mutated(bodies, random);
    try {
      const decoded = decoder.decode(body);
      accepted++;
      checkSound(decoded);
      // What is sound must also survive the rest of the line, or be refused for what it adds up to.
      if (run % 8 === 0) encodeProfile(profileOf(decoded));
    } catch (error) {
      if (!(error instanceof DecodeError) && !(error instanceof FlameherdError)) {
        throw new Error(`run ${run} of seed ${seed}: ${Buffer.from(body).toString('base64').slice(0, 2000)}`, {
          cause: error,
        });
      }
    }
    if (run % 256 !== 0) continue;
    // zlib frees what a failed inflate held in a turn of the event loop, not before.
    await setImmediate();
    largestRss = Math.max(largestRss, process.memoryUsage().rss);
  }
  assert.ok(accepted > runs / 100 && accepted < runs, `${accepted} of ${runs} accepted: the mutations test nothing`);
  assert.ok(largestRss < 1024 * mebi, `RSS reached ${Math.round(largestRss / mebi)} MiB`);
});

/** Every index inside its table, every count as promised. */
function checkSound(decoded: DecodedProfile): void {
  const { sampleCount, sampleStart, locationCount, functionCount, stringCount, lineStart } = decoded;
  assert.equal(sampleStart[0], 0);
  for (let i = 0; i < (sampleStart[sampleCount] ?? 0); i++) inside(decoded.sampleLocation[i], locationCount);
  for (let i = 0; i < (lineStart[locationCount] ?? 0); i++) inside(decoded.lineFunction[i], functionCount);
  for (let i = 0; i < functionCount; i++) {
    inside(decoded.functionName[i], stringCount);
    inside(decoded.functionFile[i], stringCount);
  }
  for (let i = 0; i < (decoded.labelStart[sampleCount] ?? 0); i++) inside(decoded.labelKey[i], stringCount);
  assert.ok(decoded.values.length >= sampleCount * decoded.sampleTypes.length);
}

function inside(index: number | undefined, count: number): void {
  assert.ok(index !== undefined && index >= 0 && index < count, `${index} of ${count}`);
}

function soundBodies(): Uint8Array[] {
  const made = [
    smallProfile(),
    smallProfile(profileField.sample([1, 2], [-5], profileField.textLabel(3, 4), profileField.numberLabel(6, 512, 6))),
    encodeProfile(profileFromText('a;b;c {k=v} 5\na;b 900719925474099267\na -1')),
    encodeProfile(
      profileFromText(Array.from({ length: 200 }, (_, i) => `main;f${i % 9};g${i} ${i * i * i}`).join('\n')),
    ),
  ];
  const real = realIndex().files.map(({ file }) => corpusFile('real', file));
  return [...made, ...real.filter((body) => body.length < largestSeedFile)].flatMap((body) =>
    body[0] === 0x1f ? [body, gunzipSync(body)] : [body, gzipSync(body)],
  );
}

type Random = (below: number) => number;

/** One to four changes of one body; half of the gzipped ones are changed inside and packed again. */
function mutated(bodies: readonly Uint8Array[], random: Random): Uint8Array {
  let body = Buffer.from(bodies[random(bodies.length)] ?? []);
  for (let changes = 1 + random(4); changes > 0; changes--) body = change(body, bodies, random);
  return random(4) === 0 && body[0] !== 0x1f ? gzipSync(body, { level: 1 }) : body;
}

const nastyBytes = [0x00, 0x01, 0x7f, 0x80, 0xff, 0x0a, 0x12, 0x22, 0x32] as const;

function change(body: Buffer<ArrayBuffer>, bodies: readonly Uint8Array[], random: Random): Buffer<ArrayBuffer> {
  const at = random(body.length + 1);
  const length = random(1 + Math.min(64, body.length - at));
  switch (random(7)) {
    case 0:
      if (at < body.length) body[at] = random(256);
      return body;
    case 1:
      if (at < body.length) body[at] = nastyBytes[random(nastyBytes.length)] ?? 0;
      return body;
    case 2:
      if (at < body.length) body[at] = (body[at] ?? 0) ^ (1 << random(8));
      return body;
    case 3:
      return body.subarray(0, at);
    case 4:
      return Buffer.concat([body.subarray(0, at), body.subarray(at + length)]);
    case 5:
      return Buffer.concat([body.subarray(0, at + length), body.subarray(at)]);
    default: {
      const other = bodies[random(bodies.length)] ?? body;
      const from = random(other.length);
      return Buffer.concat([body.subarray(0, at), other.subarray(from, from + 64), body.subarray(at)]);
    }
  }
}

/** mulberry32: the same numbers for the same seed, on any machine. */
function randomNumbers(start: number): Random {
  let state = start | 0;
  return (below) => {
    state = (state + 0x6d2b_79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * below) | 0;
  };
}
