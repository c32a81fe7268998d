import { Page } from '../parts/page.tsx';

export function Targets() {
  return <Page title="Targets">…</Page>;
}
