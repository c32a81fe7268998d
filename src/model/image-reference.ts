/** The name of a container image, in its parts. */
export interface ImageReference {
  /** `registry.example.com:5000`: always written out. */
  readonly registry: string;
  /** `tools/flameherd-sidecar`. */
  readonly repository: string;
  /** "" when there is none. */
  readonly tag: string;
  /** `sha256:` and 64 hex digits; "" when the image is not pinned. */
  readonly digest: string;
}

const maxLength = 512;
const hostPart = '[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?';
const host = new RegExp(String.raw`^(?:${hostPart}(?:\.${hostPart})*|\[[0-9a-fA-F:]{2,39}\])(?::[0-9]{1,5})?$`);
const repositoryPart = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const tagPattern = /^[a-zA-Z0-9_][a-zA-Z0-9_.-]{0,127}$/;

/**
 * Reads an image reference, stricter than container runtimes do: the registry must be named, for else each node decides
 * where the image comes from. Answers a sentence that says what is wrong. The API server does not check it: it takes
 * `BAD//x`, and the pod then carries a container that can never start and cannot be removed.
 */
export function parseImageReference(text: string): ImageReference | string {
  if (text.length > maxLength) return `the image is ${text.length} characters long, at most ${maxLength} are allowed`;
  const [named = '', digest = '', more] = text.split('@');
  if (more !== undefined) return `image ${JSON.stringify(text)} has more than one @`;
  if (text.includes('@') && !/^sha256:[0-9a-f]{64}$/.test(digest)) {
    return `the digest of image ${JSON.stringify(text)} is not sha256: and 64 hex digits`;
  }
  const [registry = '', ...path] = named.split('/');
  if (path.length === 0 || !(registry === 'localhost' || /[.:]/.test(registry)) || !host.test(registry)) {
    return `image ${JSON.stringify(text)} does not begin with a registry, such as registry.example.com/`;
  }
  const [last = '', tag = '', moreTags] = (path.pop() ?? '').split(':');
  const repository = [...path, last];
  if (!repository.every((part) => repositoryPart.test(part))) {
    return `the repository of image ${JSON.stringify(text)} may hold a-z, 0-9 and single . _ - inside each part`;
  }
  if (moreTags !== undefined || (named.endsWith(':') && tag === '') || (tag !== '' && !tagPattern.test(tag))) {
    return `the tag of image ${JSON.stringify(text)} may hold letters, digits, . _ - and be 128 long`;
  }
  return { registry, repository: repository.join('/'), tag, digest };
}
