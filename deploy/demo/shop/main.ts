import { startHeapProfile } from './pprof.ts';

startHeapProfile();
const [{ checkoutService }, { makeLoad }, { searchService }, { serveShop }] = await Promise.all([
  import('./checkout.ts'),
  import('./load.ts'),
  import('./search.ts'),
  import('./server.ts'),
]);

/** `SHOP_SERVICE=checkout SHOP_LISTEN=127.0.0.1:6061 SHOP_PER_SECOND=12 node main.ts`, until SIGTERM or SIGINT. */
const services = { checkout: checkoutService, search: searchService };
const {
  SHOP_SERVICE: name = 'checkout',
  SHOP_LISTEN: listen = '127.0.0.1:6060',
  SHOP_PER_SECOND: perSecond = '12',
} = process.env;
if (!Object.hasOwn(services, name)) {
  throw new Error(`SHOP_SERVICE: ${JSON.stringify(name)} is not one of ${Object.keys(services).join(', ')}`);
}
const service = services[name as keyof typeof services]();
const { hostname, port } = new URL(`http://${listen}`);
const server = await serveShop(service, hostname, Number(port || 80));
console.log(`${name} listens at ${server.url}`);

const ended = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => ended.abort());
await makeLoad(service, server.url.replace('0.0.0.0', '127.0.0.1'), Number(perSecond), ended.signal);
await server.close();
