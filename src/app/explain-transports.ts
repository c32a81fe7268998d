import type { ExplainedRule, ExplainSubject, Explanation } from '../discovery/discoverer.ts';
import type { TargetStatus } from '../model/target.ts';

/** Rules told of single pods; the rest are counted. */
const maxTold = 10;

/** An explanation with how each scraped source is reached, and why that way. Where none can be, it is no more `scraped`. */
export function withTransports(
  explanation: Explanation,
  subject: ExplainSubject,
  statuses: readonly TargetStatus[],
): Explanation {
  const reached = statuses.filter(
    ({ target, transportReason }) => isOf(subject, target.labels) && transportReason !== '',
  );
  const rules = reached.slice(0, maxTold).map(ruleOf);
  const more = reached.length - rules.length;
  if (more > 0) rules.push({ rule: 'transport', verdict: 'info', detail: `and of ${more} more sources` });
  const hint = explanation.hint ?? adviceOf(reached);
  const told = { ...explanation, rules: [...explanation.rules, ...rules], hint };
  const [first] = reached;
  const isLost = first !== undefined && reached.every(({ transport }) => transport === undefined);
  if (explanation.verdict !== 'scraped' || !isLost) return told;
  return { ...told, verdict: 'unresolved', because: firstLine(first.transportReason) };
}

function isOf(subject: ExplainSubject, labels: TargetStatus['target']['labels']): boolean {
  if (labels['namespace'] !== subject.namespace) return false;
  if ('pod' in subject) return labels['pod'] === subject.pod;
  const { workloadKind, workload } = subject;
  return labels['workload'] === workload && labels['workload_kind']?.toLowerCase() === workloadKind.toLowerCase();
}

/** What to do stands in the lines after the first; it is the same for all pods that lack a right. */
function adviceOf(reached: readonly TargetStatus[]): string | undefined {
  const advice = reached.map(({ transportReason }) => transportReason.split('\n').slice(1).join('\n'));
  return advice.find((text) => text !== '');
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}

function ruleOf({ target, transport, transportReason }: TargetStatus): ExplainedRule {
  const { pod = '', container = '', port } = target.labels;
  const of = `${pod} ${container}${port ? `:${port}` : ''}`;
  return {
    rule: 'transport',
    verdict: transport === undefined ? 'fail' : 'info',
    detail: `${of}: ${transport ?? 'none'}: ${firstLine(transportReason)}`,
  };
}
