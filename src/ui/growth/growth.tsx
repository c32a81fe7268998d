import { Page } from '../parts/page.tsx';

export function Growth() {
  return <Page title="Growth">…</Page>;
}
