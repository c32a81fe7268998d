import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { TestContext } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { Profile } from 'pprof-format';

const main = new URL('../../deploy/demo/shop/main.ts', import.meta.url).pathname;

/** A service of the demo's shop as a process of its own, on a free port; gives its URL. Ended with the test. */
export async function startShop(t: TestContext, service: 'checkout' | 'search', perSecond: number): Promise<string> {
  const child = spawn(process.execPath, [main], {
    env: { ...process.env, SHOP_SERVICE: service, SHOP_LISTEN: '127.0.0.1:0', SHOP_PER_SECOND: String(perSecond) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  t.after(async () => {
    child.kill();
    await exited;
  });
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  return line.slice(line.indexOf('http://'));
}

/** A gzipped pprof as the shop answers it. */
export interface ShopProfile {
  /** `type/unit` of each column, and of the period. */
  readonly types: readonly string[];
  readonly periodType: string;
  readonly durationNanos: number;
  /** What was counted with each function on top of the stack, by one of the types. */
  selfOf(type: string): ReadonlyMap<string, number>;
}

export async function shopProfile(url: string): Promise<ShopProfile> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: HTTP ${response.status} ${await response.text()}`);
  const profile = Profile.decode(gunzipSync(new Uint8Array(await response.arrayBuffer())));
  const text = (index: number | bigint): string => profile.stringTable.strings[Number(index)] ?? '';
  const types = profile.sampleType.map(({ type, unit }) => `${text(type)}/${text(unit)}`);
  const functions = new Map(profile.function.map(({ id, name }) => [Number(id), text(name)]));
  const leaves = new Map(profile.location.map(({ id, line }) => [Number(id), Number(line[0]?.functionId)]));
  return {
    types,
    periodType: `${text(profile.periodType?.type ?? 0)}/${text(profile.periodType?.unit ?? 0)}`,
    durationNanos: Number(profile.durationNanos),
    selfOf(type) {
      const column = types.indexOf(type);
      const self = new Map<string, number>();
      for (const { locationId, value } of profile.sample) {
        const name = functions.get(leaves.get(Number(locationId[0])) ?? 0) ?? '';
        self.set(name, (self.get(name) ?? 0) + Number(value[column] ?? 0));
      }
      return self;
    },
  };
}
