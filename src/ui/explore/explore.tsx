import { Page } from '../parts/page.tsx';

export function Explore() {
  return <Page title="explore">…</Page>;
}
