import { parseArgs } from 'node:util';
import { messageOf } from '../../../../src/model/errors.ts';
import { buildPagesWhenMissing } from '../../../../src/ui/build/when-missing.ts';
import { startWorld } from './world.ts';

/** The story to look at: `node test/ui/browser/support/demo.ts [--port N] [--story shop|empty]`, until Ctrl-C. */
const { values } = parseArgs({
  options: { port: { type: 'string', default: '4280' }, story: { type: 'string', default: 'shop' } },
});
// With `npm run dev:ui -- URL` beside it, pages that do not build are no reason to stop.
await buildPagesWhenMissing().catch((error: unknown) => console.error(messageOf(error)));
const world = await startWorld({ story: values.story === 'empty' ? 'empty' : 'shop', port: Number(values.port) });
console.log(`${world.url} (Ctrl-C ends it)`);
const end = async (): Promise<void> => {
  await world[Symbol.asyncDispose]();
  process.exit();
};
process.once('SIGINT', () => void end());
process.once('SIGTERM', () => void end());
