import type { ContainerRecord, PodRecord } from '../kubernetes/records.ts';

/** Labels by which Kubernetes (and Argo Rollouts) tell the pods of one roll-out from those of the next. */
export const revisionLabels = ['pod-template-hash', 'rollouts-pod-template-hash', 'controller-revision-hash'] as const;

/**
 * What names the build that a container runs: the hash of its pod template, else `img-` and 8 hex digits of its image, else
 * "". It names a build, not a roll-out: an undo brings the same one back.
 */
export function revisionOf(pod: PodRecord, { imageDigest }: ContainerRecord): string {
  for (const label of revisionLabels) {
    const value = pod.labels[label];
    if (value) return value;
  }
  return imageDigest ? `img-${imageDigest.slice(0, 8)}` : '';
}

/** The tag of an image name: `v1.2` of `registry:5000/shop/checkout:v1.2@sha256:…`. Without one, `latest`, or the digest's begin. */
export function imageTag(image: string): string {
  const [name = '', digest] = image.split('@');
  const last = name.slice(name.lastIndexOf('/') + 1);
  const colon = last.indexOf(':');
  if (colon >= 0) return last.slice(colon + 1);
  if (digest) return digest.slice(0, 'sha256:'.length + 12);
  return name ? 'latest' : '';
}
