import type { DemoUrls } from './folder.ts';

export const help = `Usage:
  npm run demo              a shop, flameherd that profiles it, and Prometheus where it is installed; Ctrl-C ends all of it
  npm run demo -- leak      the shop of the other terminal begins to leak
  npm run demo -- heal      … and ends
  npm run demo -- --prove   starts, makes it leak, waits for finding and alerts, says how long that took, ends
Options:
  --folder DIR              where it keeps its files; emptied at the start (default .flameherd/demo)
  --settle SECONDS          with --prove: how long the shop runs in health before it leaks (default 60)
`;

/** What to open, how to make it leak, and what will happen. */
export function greeting({ api, checkout, search, prometheus, alerts }: DemoUrls, canType: boolean): string {
  return `
  flameherd         ${api}
  Prometheus        ${alerts ?? 'not installed: findings are seen, alerts are not (apt-get install prometheus)'}
  the shop          ${checkout} (checkout), ${search} (search)

  Make it leak      ${canType ? 'type leak and Enter; or ' : ''}npm run demo -- leak in another terminal; or the button at ${checkout}
  What will happen  after about 2 minutes ${api}/growth suspects rememberCustomer${prometheus ? ', and FlameherdHeapGrowthSuspected fires' : ''};
                    after about 8 minutes it is likely${prometheus ? ', and FlameherdMemoryLeakLikely fires' : ''}
  Mend it           ${canType ? 'type heal and Enter; or ' : ''}npm run demo -- heal: the finding ends
  End               Ctrl-C

`;
}

/** `1 min 52 s`, in whole seconds. */
export function spanText(ms: number): string {
  const seconds = Math.round(ms / 1000);
  const minutes = Math.floor(seconds / 60);
  return minutes === 0 ? `${seconds} s` : `${minutes} min ${seconds % 60} s`;
}
