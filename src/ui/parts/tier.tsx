import './tier.css';
import type { GrowthTier } from '../../model/growth.ts';

const words: Readonly<Record<GrowthTier, { readonly mark: string; readonly means: string }>> = {
  suspected: { mark: '△', means: 'Suspected: it grows, and may still level off' },
  likely: { mark: '▲', means: 'Likely a leak: it went on growing for long enough' },
};

/** How sure a finding of growth is; without a tier, that nothing is found. The mark differs as well as the colour. */
export function Tier({ tier }: { readonly tier: GrowthTier | null }) {
  if (tier === null) return <span class="tier">nothing found</span>;
  const { mark, means } = words[tier];
  return (
    <span class={`tier tier-${tier}`} title={means}>
      <span aria-hidden="true">{mark}</span> {tier}
    </span>
  );
}
