import type { Page } from 'playwright-core';

/** What went wrong on a page since it is watched, in words. */
export interface PageWatch {
  readonly problems: string[];
  /** What matches is no problem: a page that asks for what does not exist is told 404, and the console says so. */
  expect(problem: RegExp): void;
  unexpected(): readonly string[];
}

/** Notes errors of the console and of scripts, violations of the policy, failed loads, and requests that leave `origin`. */
export async function watchPage(page: Page, origin: string): Promise<PageWatch> {
  const problems: string[] = [];
  const expected: RegExp[] = [];
  page.on('console', (message) => {
    const { url } = message.location();
    if (message.type() === 'error') problems.push(`console: ${message.text()} (${url})`);
    if (message.type() === 'warning') problems.push(`console: ${message.text()} (${url})`);
  });
  page.on('pageerror', (error) => problems.push(`script: ${error.stack ?? error.message}`));
  page.on('request', (request) => {
    const { protocol, origin: asked } = new URL(request.url());
    const isOurs = asked === origin || protocol === 'data:' || protocol === 'blob:';
    if (!isOurs) problems.push(`another origin: ${request.url()}`);
  });
  page.on('requestfailed', (request) => {
    const reason = request.failure()?.errorText ?? '';
    // A question that is no longer asked is given up.
    if (reason !== 'net::ERR_ABORTED') problems.push(`failed: ${request.url()} ${reason}`);
  });
  await page.exposeFunction('noteViolation', (text: string) => problems.push(`policy: ${text}`));
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => {
      const note = (globalThis as unknown as { noteViolation: (text: string) => void }).noteViolation;
      note(`${event.effectiveDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`);
    });
  });
  return {
    problems,
    expect: (problem) => void expected.push(problem),
    unexpected: () => problems.filter((problem) => !expected.some((pattern) => pattern.test(problem))),
  };
}
