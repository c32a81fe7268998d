import type { Command } from 'commander';
import { FlameherdError } from '../model/errors.ts';
import { workloadKind } from '../model/workload-kinds.ts';
import { askServer } from './client.ts';
import { type Output, printable, styled } from './output.ts';
import { type AskFlags, withServer } from './server-options.ts';

interface ExplanationAnswer {
  readonly subject: string;
  readonly verdict: string;
  readonly because: string;
  readonly rules: readonly { readonly rule: string; readonly verdict: string; readonly detail: string }[];
  readonly nearMisses: readonly string[];
  readonly hint?: string;
  readonly sources: readonly string[];
}

export function addExplainCommand(program: Command, output: Output): void {
  withServer(program.command('explain'))
    .description('say why a pod or workload is or is not profiled: each rule in order, near misses, what to do')
    .argument('<namespace>', 'the namespace')
    .argument('<subject>', 'a pod, or KIND/NAME such as deployment/checkout')
    .addHelpText(
      'after',
      '\nExamples:\n  flameherd explain shop deployment/checkout\n  flameherd explain shop checkout-5d4f8c7b9-x2x4z\n',
    )
    .action(async (namespace: string, subject: string, flags: AskFlags) => {
      const answer = await askServer<ExplanationAnswer>(flags, 'GET', '/api/v1/explain', {
        namespace,
        ...subjectOf(subject),
      });
      output.write(flags.json ? `${JSON.stringify(answer, null, 2)}\n` : draw(answer, output));
    });
}

/** `pod/NAME`, `NAME` → a pod; `deployment/NAME` → a workload, its kind as kubectl writes it. Throws `bad_parameter`. */
export function subjectOf(text: string): Readonly<Record<string, string>> {
  const [kind = '', name] = text.includes('/') ? text.split('/', 2) : ['pod', text];
  if (!name)
    throw new FlameherdError('bad_parameter', `${JSON.stringify(text)} names nothing; write NAME or KIND/NAME`);
  if (/^pods?$/i.test(kind)) return { pod: name };
  return { kind: workloadKind(kind), workload: name };
}

const marks: Readonly<Record<string, string>> = { pass: '✓', fail: '✗', info: '·', warning: '!' };

function draw(
  { subject, verdict, because, rules, nearMisses, hint, sources }: ExplanationAnswer,
  output: Output,
): string {
  const good = verdict === 'scraped';
  const width = Math.max(0, ...rules.map(({ rule }) => rule.length));
  const lines = rules.map(
    ({ rule, verdict: each, detail }) => `  ${marks[each] ?? '·'} ${rule.padEnd(width)}  ${printable(detail)}`,
  );
  return [
    `${printable(subject)}: ${styled(output, good ? 'green' : 'red', verdict)}`,
    `  ${printable(because)}`,
    '',
    ...lines,
    ...(nearMisses.length > 0 ? ['', 'near misses:', ...nearMisses.map((text) => `  ! ${printable(text)}`)] : []),
    ...(sources.length > 0 ? ['', 'sources:', ...sources.map((text) => `  ${printable(text)}`)] : []),
    ...(hint ? ['', ...`hint: ${hint}`.split('\n').map(printable)] : []),
    '',
  ].join('\n');
}
