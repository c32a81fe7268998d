import { mergeUrl } from '../api/urls.ts';
import type { FlameGraphHandle } from '../flame/flame-graph.tsx';
import { MenuButton, type MenuItem } from '../parts/menu.tsx';
import type { Parameters } from '../state/href.ts';
import { fileName, pprofCommand, speedscopeHref } from './elsewhere.ts';
import { useCopy } from './use-copy.tsx';

/** The profile for other tools, and the graph as a picture. */
export function TakeAway({
  parameters,
  handle,
}: {
  readonly parameters: Parameters;
  readonly handle: { current: FlameGraphHandle | null };
}) {
  const { copy, shown } = useCopy();
  const download = (label: string, format: string, ending: string): MenuItem => ({
    label,
    detail: `.${ending}`,
    href: mergeUrl(parameters, { format }),
    download: fileName(parameters['query'], ending),
  });
  const picture = async (kind: 'svg' | 'png') => {
    const graph = handle.current;
    if (!graph) return;
    const blob = kind === 'png' ? await graph.png() : new Blob([graph.svg()], { type: 'image/svg+xml' });
    save(blob, fileName(parameters['query'], kind));
  };
  const view = parameters['view'] ?? 'both';
  const hasGraph = view === 'both' || view === 'flame';
  const items: (MenuItem | null)[] = [
    download('pprof', 'pprof', 'pb.gz'),
    download('Collapsed stacks', 'collapsed', 'txt'),
    download('speedscope', 'speedscope', 'speedscope.json'),
    download('Markdown', 'markdown', 'md'),
    ...(hasGraph
      ? [
          { label: 'Picture', detail: '.svg', run: () => void picture('svg') },
          { label: 'Picture', detail: '.png', run: () => void picture('png') },
        ]
      : []),
    null,
    { label: 'Copy the go tool pprof command', run: () => copy(pprofCommand(parameters, location.origin)) },
    { label: 'Copy a link to this view', run: () => copy(location.href) },
    { label: 'Open in speedscope', detail: '↗', href: speedscopeHref(parameters) },
  ];
  return (
    <>
      <MenuButton label="Download" items={items} />
      {shown}
    </>
  );
}

function save(blob: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
