import { FlameherdError, messageOf } from '../model/errors.ts';
import { type Workload, workloadKey, workloadLabels } from '../model/growth.ts';
import type { LabelSet } from '../model/labels.ts';
import { compileMatchers, parseMatchers } from '../model/matcher.ts';
import type { LiveChoice } from './contract.ts';

/** Ends before long, and holds what it needs until then: growth says nothing. */
const endingKinds: ReadonlySet<string> = new Set(['Job', 'CronJob']);

export function endsByItself({ workloadKind }: Workload): boolean {
  return endingKinds.has(workloadKind);
}

export interface DenyRule {
  readonly text: string;
  readonly matches: (labels: LabelSet) => boolean;
}

/** Rules such as `{namespace="batch"}`. Throws `bad_config`, which says what is wrong with which. */
export function denyRules(texts: readonly string[]): readonly DenyRule[] {
  return texts.map((text) => {
    try {
      const matchers = parseMatchers(text);
      if (matchers.length === 0) throw new Error('no matchers: it would deny everything');
      return { text, matches: compileMatchers(matchers) };
    } catch (error) {
      throw new FlameherdError('bad_config', `growth.deny: ${JSON.stringify(text)}: ${messageOf(error)}`, {
        hint: 'matchers look like {namespace="batch",workload=~"import.*"}; they see namespace, workload_kind, workload and container',
      });
    }
  });
}

/** Who is judged, and from which age on: the configuration's word, then the annotations'. */
export class Choices {
  readonly #deny: readonly DenyRule[];
  readonly #byKey: ReadonlyMap<string, LiveChoice>;

  constructor(deny: readonly DenyRule[], choices: readonly LiveChoice[]) {
    this.#deny = deny;
    this.#byKey = new Map(choices.map((choice) => [workloadKey(choice.workload), choice]));
  }

  /** Why a workload is not judged; undefined when it is. */
  skipped(workload: Workload): string | undefined {
    if (endsByItself(workload)) return `a ${workload.workloadKind} ends by itself`;
    const labels = workloadLabels(workload);
    const rule = this.#deny.find(({ matches }) => matches(labels));
    if (rule) return `growth.deny has ${rule.text}`;
    return this.#byKey.get(workloadKey(workload))?.isOff ? 'its annotation growth says off' : undefined;
  }

  /** In whole buckets, rounded up; undefined: the usual age. */
  minAge(workload: Workload, bucketMs: number): number | undefined {
    const minAgeMs = this.#byKey.get(workloadKey(workload))?.minAgeMs;
    return minAgeMs === undefined ? undefined : Math.ceil(minAgeMs / bucketMs);
  }
}
