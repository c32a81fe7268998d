import { useMemo, useState } from 'preact/hooks';
import type { ExplainAnswer, TargetEntry } from '../api/answers.ts';
import { useAnswer } from '../api/use-answer.ts';
import { ServerText } from '../format/server-text.tsx';
import { Answered } from '../parts/answered.tsx';
import { CopyButton } from '../parts/copy-button.tsx';
import { change, usePlace } from '../state/place.ts';
import { explainUrl, readSubject } from './subject.ts';
import { keyOf } from './workloads.ts';

/** Offered while typing; whoever means another one types it. */
const maxOffers = 2000;

/** Asks why a pod or workload is or is not scraped, and shows each rule with its verdict. */
export function Explain({ targets }: { readonly targets: readonly TargetEntry[] }) {
  const { explain } = usePlace().parameters;
  return (
    <section class={explain ? 'targets-explain targets-explained' : 'targets-explain'} aria-label="Explain">
      <ExplainForm key={explain} asked={explain ?? ''} targets={targets} />
      {explain && <Explanation asked={explain} />}
    </section>
  );
}

function ExplainForm({ asked, targets }: { readonly asked: string; readonly targets: readonly TargetEntry[] }) {
  const [text, setText] = useState(asked);
  const offers = useMemo(() => offersOf(targets), [targets]);
  return (
    <form
      class="targets-ask"
      onSubmit={(event) => {
        event.preventDefault();
        change({ explain: text.trim() });
      }}
    >
      <label for="targets-subject">Why is it (not) scraped?</label>
      <input
        id="targets-subject"
        list="targets-subjects"
        placeholder="namespace/pod or namespace/kind/workload"
        autocomplete="off"
        spellcheck={false}
        value={text}
        onInput={({ currentTarget }) => setText(currentTarget.value)}
      />
      <datalist id="targets-subjects">{offers}</datalist>
      <button type="submit">Explain</button>
      {asked !== '' && (
        <button
          type="button"
          class="plain"
          aria-label="Close the explanation"
          onClick={() => change({ explain: undefined })}
        >
          ✕
        </button>
      )}
    </form>
  );
}

function offersOf(targets: readonly TargetEntry[]) {
  const pods = targets.map(({ labels }) => `${labels['namespace']}/${labels['pod']}`);
  const offers = [...new Set([...targets.map(keyOf), ...pods])].slice(0, maxOffers);
  return offers.map((offer) => <option key={offer} value={offer} />);
}

function Explanation({ asked }: { readonly asked: string }) {
  const subject = readSubject(asked);
  const explained = useAnswer<ExplainAnswer>(subject && explainUrl(subject));
  if (!subject) {
    return (
      <p class="targets-warn" role="alert">
        Write <code>shop/checkout-5d4f-x2x</code> for a pod, or <code>shop/deployment/checkout</code> for a workload.
      </p>
    );
  }
  return (
    <Answered asked={explained} what="Asking the rules">
      {(answer) => <Verdict {...answer} />}
    </Answered>
  );
}

const rulesMarks: Readonly<Record<string, readonly [mark: string, meaning: string]>> = {
  pass: ['✓', 'passed'],
  fail: ['✕', 'failed'],
  warning: ['!', 'warning'],
  info: ['·', 'found'],
};

const pills: Readonly<Record<string, string>> = { scraped: 'good', 'not found': 'bad', 'not scraped': 'bad' };

function Verdict({ subject, verdict, because, rules, nearMisses, hint, sources }: ExplainAnswer) {
  return (
    <div class="targets-verdict" aria-live="polite">
      <p>
        <strong>{subject}</strong>{' '}
        <span class={`targets-pill targets-pill-${pills[verdict] ?? 'warn'}`}>{verdict}</span>
      </p>
      <p>
        <ServerText text={because} />
      </p>
      <ol class="targets-rules">
        {rules.map(({ rule, verdict: each, detail }) => (
          <li key={rule + detail} class={`targets-rule-${each}`}>
            <span role="img" aria-label={rulesMarks[each]?.[1] ?? each}>
              {rulesMarks[each]?.[0] ?? '·'}
            </span>
            <b>{rule}</b>
            <span>
              <ServerText text={detail} />
            </span>
          </li>
        ))}
      </ol>
      {nearMisses.length > 0 && <Lines title="Near misses" lines={nearMisses} />}
      {hint !== undefined && (
        <div class="targets-hint">
          <b>What to do</b>
          <pre>{hint}</pre>
          <CopyButton text={hint} />
        </div>
      )}
      {sources.length > 0 && <Lines title="Sources" lines={sources} />}
    </div>
  );
}

function Lines({ title, lines }: { readonly title: string; readonly lines: readonly string[] }) {
  return (
    <div class="targets-lines">
      <b>{title}</b>
      <ul>
        {lines.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </div>
  );
}
