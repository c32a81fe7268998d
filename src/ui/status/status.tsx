import { Page } from '../parts/page.tsx';

export function Status() {
  return <Page title="Status">…</Page>;
}
