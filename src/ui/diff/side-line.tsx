import { counted } from '../../model/human-value.ts';
import type { DiffMeta } from '../api/answers.ts';
import { durationText, isoText, windowText } from '../format/time.ts';

/** What one side was made of, marked as its window on the timeline is. */
export function SideLine({
  side,
  name,
  meta,
  image,
}: {
  readonly side: 'base' | 'compare';
  readonly name: string;
  readonly meta: DiffMeta['base'];
  readonly image: NonNullable<DiffMeta['rollout']>['base'] | undefined;
}) {
  const { fromMs, toMs, profiles, processes } = meta;
  const window = windowText({ fromMs, toMs });
  const version = image && (image.image || image.version);
  return (
    <p class={`diff-side diff-side-${side}`}>
      <span class="diff-swatch" aria-hidden="true" />
      <span class="diff-side-role">{side === 'base' ? 'Base' : 'Compare'}</span>
      {name !== window && <code title={image?.imageDigest || name}>{name}</code>}
      {version && version !== name && <span>{version}</span>}
      <span title={`${isoText(fromMs)} – ${isoText(toMs)}`}>
        {window} <span class="muted">({durationText(toMs - fromMs)})</span>
      </span>
      <span class="muted">
        {counted(profiles, 'profile')} of {counted(processes, 'process', 'processes')}
      </span>
    </p>
  );
}
