import type { DemoUrls } from './folder.ts';

/** Makes the checkout leak, or mends it. */
export async function switchLeak({ checkout }: Pick<DemoUrls, 'checkout'>, on: boolean): Promise<void> {
  const response = await fetch(`${checkout}/leak/${on ? 'on' : 'off'}`, { method: 'POST' });
  if (!response.ok) throw new Error(`${checkout}: HTTP ${response.status} ${await response.text()}`);
}
