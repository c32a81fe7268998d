import { Page } from '../parts/page.tsx';

export function Diff() {
  return <Page title="diff">…</Page>;
}
