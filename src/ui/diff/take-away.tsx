import { useState } from 'preact/hooks';
import type { DiffTopAnswer } from '../api/answers.ts';
import { diffUrl } from '../api/urls.ts';
import { CopyButton } from '../parts/copy-button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { hrefOf } from '../state/href.ts';
import { useKeys } from '../state/keys.ts';
import { pinned } from './comparison.ts';
import { pprofPair } from './pprof-pair.ts';
import type { Diff } from './use-diff.ts';
import { verdictOf } from './verdict.ts';

/** What is carried elsewhere: a verdict for a pull request, and both sides for go tool pprof. */
export function TakeAway({ diff, answer }: { readonly diff: Diff; readonly answer: DiffTopAnswer }) {
  const [isOpen, setIsOpen] = useState(false);
  const { parameters, measure } = diff;
  const link =
    location.origin + hrefOf('/diff', { ...pinned(parameters, answer.meta), function: undefined, search: undefined });
  const verdict = verdictOf(parameters, answer, { measure, link });
  useKeys({ v: { does: 'verdict and pprof of this diff', run: () => setIsOpen(true) } });
  return (
    <div class="diff-take">
      <CopyButton text={verdict} label="Copy verdict" />
      <button onClick={() => setIsOpen(true)} aria-haspopup="dialog">
        Verdict and pprof …
      </button>
      {isOpen && (
        <Dialog title="Take it with you" onClose={() => setIsOpen(false)}>
          <h3>Verdict, for a pull request</h3>
          <pre class="diff-verdict">{verdict}</pre>
          <CopyButton text={verdict} label="Copy verdict" />
          <Pprof diff={diff} answer={answer} />
        </Dialog>
      )}
    </div>
  );
}

function Pprof({ diff: { parameters }, answer: { meta } }: { readonly diff: Diff; readonly answer: DiffTopAnswer }) {
  const { base, compare, command } = pprofPair(parameters, meta, location.origin);
  return (
    <>
      <h3>For go tool pprof</h3>
      <pre class="diff-command">{command}</pre>
      <p class="diff-downloads">
        <CopyButton text={command} label="Copy command" />
        <a href={base} download="base.pb.gz">
          base.pb.gz
        </a>
        <a href={compare} download="compare.pb.gz">
          compare.pb.gz
        </a>
        <a href={diffUrl(parameters, { format: 'pprof' })} download="diff.pb.gz">
          diff.pb.gz
        </a>
      </p>
      <p class="muted">
        The base and what is compared with it; the third is one minus the other, as <code>-diff_base</code> makes it.
      </p>
    </>
  );
}
