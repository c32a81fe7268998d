/** What the server refused and why, as `application/problem+json` says it; or that it was not reached. */
export class Problem extends Error {
  override readonly name = 'Problem';
  /** Of HTTP; 0 where nothing was answered. */
  readonly status: number;
  /** As in docs/errors.md; `unreachable` where nothing was answered. */
  readonly code: string;
  /** What to do about it. */
  readonly hint: string | undefined;

  constructor(message: string, { status, code, hint }: { status: number; code: string; hint?: string | undefined }) {
    super(message);
    this.status = status;
    this.code = code;
    this.hint = hint;
  }
}

/** Reads a refusal; one that is not ours (a proxy's) keeps its status. */
export async function problemOf(response: Response): Promise<Problem> {
  const text = await response.text().catch(() => '');
  try {
    const { detail, title, code, hint } = JSON.parse(text) as Record<string, string | undefined>;
    return new Problem(detail ?? title ?? `HTTP ${response.status}`, {
      status: response.status,
      code: code ?? 'unknown',
      hint,
    });
  } catch {
    return new Problem(`HTTP ${response.status}: ${text.slice(0, 300) || response.statusText}`, {
      status: response.status,
      code: 'unknown',
      hint:
        response.status === 401 ? 'load the page again: what stands before this server asks who you are' : undefined,
    });
  }
}

export function unreachable(error: unknown): Problem {
  return new Problem(`the server cannot be reached: ${error instanceof Error ? error.message : String(error)}`, {
    status: 0,
    code: 'unreachable',
    hint: 'is it running, and is the port-forward still open?',
  });
}
