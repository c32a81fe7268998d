import { growthGroup } from './growth-alerts.ts';
import { healthGroup } from './health-alerts.ts';
import { recordingGroup } from './recordings.ts';
import type { PrometheusRule, RulesFile } from './rules-file.ts';
import type { AlertingSettings } from './settings.ts';

/** All rules for one collector, or for several that share a job. They need Prometheus 2.42 (`keep_firing_for`). */
export function rulesFile(settings: AlertingSettings): RulesFile {
  return { groups: [growthGroup(settings), healthGroup(settings), recordingGroup(settings)] };
}

/** The same for the Prometheus operator; named after the job, as far as names of objects allow it. */
export function prometheusRule(settings: AlertingSettings): PrometheusRule {
  return {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PrometheusRule',
    metadata: { name: objectName(settings.job), labels: { 'app.kubernetes.io/name': 'flameherd' } },
    spec: rulesFile(settings),
  };
}

/** A DNS subdomain of at most 253 letters: `monitoring/flameherd` becomes `monitoring-flameherd`. */
function objectName(job: string): string {
  const name = job
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 253)
    .replace(/^-|-$/g, '');
  return name === '' ? 'flameherd' : name;
}
