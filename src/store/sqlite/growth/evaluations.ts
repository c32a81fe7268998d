import type { GrowthVerdict, Workload } from '../../../model/growth.ts';
import type { DurationMs } from '../../../model/units.ts';
import type { StoredEvaluation } from '../../growth-store.ts';
import type { Statements } from '../files/statements.ts';

interface EvaluationRow extends Workload {
  readonly bucketMs: DurationMs;
  readonly bucket: number;
  readonly memory: string;
  readonly verdict: string;
}

/** Inside a transaction of its caller. */
export function saveEvaluation(sql: Statements, workload: number, evaluation: StoredEvaluation): void {
  const { bucketMs, bucket, memory, verdict } = evaluation;
  sql
    .rows(
      `INSERT INTO growth_evaluation (workload, bucket_ms, bucket, memory, verdict) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET bucket = excluded.bucket, memory = excluded.memory, verdict = excluded.verdict`,
    )
    .run(workload, bucketMs, bucket, memory, JSON.stringify(verdict));
}

export function readEvaluations(sql: Statements, bucketMs: DurationMs): StoredEvaluation[] {
  return sql
    .rows<EvaluationRow>(
      `SELECT namespace, kind AS workloadKind, w.workload, container, bucket_ms AS bucketMs, bucket, memory, verdict
       FROM growth_evaluation e JOIN growth_workload w ON w.id = e.workload WHERE bucket_ms = ?
       ORDER BY namespace, kind, w.workload, container`,
    )
    .all(bucketMs)
    .map(({ bucket, memory, verdict, namespace, workloadKind, workload, container }) => ({
      workload: { namespace, workloadKind, workload, container },
      bucketMs,
      bucket,
      memory,
      verdict: JSON.parse(verdict) as GrowthVerdict,
    }));
}
