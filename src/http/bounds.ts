import { type DurationMs, day, hour, minute, second } from '../model/units.ts';

/** The fixed bounds of the listeners. Those an operator may want to change are in `HttpLimits`. */
export const bounds = {
  /** Sockets of one listener; further ones are closed at once. */
  connections: 1024,
  headerBytes: 16 * 1024,
  headersTimeoutMs: 10 * second,
  /** How often connections are looked at for being too slow. */
  slowCheckMs: 2 * second,
  /** The longest a request, body included, may take to arrive. */
  requestTimeoutMs: 2 * minute,
  keepAliveMs: 65 * second,
  /** Added to the longest answer: a socket on which nothing moves for that long is closed. */
  idleSocketMs: minute,
  pathParameterLength: 512,
  /** Bodies of uploads held at the same time, as a multiple of the largest body. */
  uploadBodies: 2,
  /** Of the login page: a token and where to go then. */
  loginBytes: 32 * 1024,
  formFields: 64,
  formFieldBytes: 4096,
  uploadLabels: 32,
  labelValueLength: 1024,
  /** The body of answers that are compressed at all. */
  compressFromBytes: 1024,
  /** Answers up to this size are written in one go, larger ones as the client takes them. */
  wholeBodyBytes: 256 * 1024,
  selfProfileSeconds: 300,
  snapSeconds: 300,
  matchers: 64,
  queryLength: 4096,
  filterLength: 1024,
  functionLength: 4096,
  /** A stack of names: most of what `headerBytes` have room for. Escaped in a URL it may be longer; then the request is refused (431). */
  rootLength: 12 * 1024,
  /** Targets that the provenance of one selection is told of. */
  askedProcesses: 2000,
  /** Open events that are looked through for those of a page of verdicts. */
  openEvents: 10_000,
} as const;

/** Default and largest values of the parameters that size an answer. */
export const sizes = {
  topRows: { default: 100, max: 100_000 },
  flameNodes: { default: 16_384, max: 1_000_000 },
  rangeSeries: { default: 50, max: 1000 },
  listed: { default: 1000, max: 10_000 },
  profiles: { default: 100, max: 1000 },
  targets: { default: 1000, max: 10_000 },
  growth: { default: 100, max: 1000 },
  scrapedProcesses: { default: 50, max: 1000 },
} as const;

export const defaultWindowMs: DurationMs = hour;
/** Uploads stamped later than this after now are refused: clocks differ, but not by more. */
export const futureToleranceMs: DurationMs = 5 * minute;
/** `seconds=N` at most: ten years. */
export const longestSeconds = (3650 * day) / second;
