import { pino } from 'pino';
import { redact, redactAll } from '../model/redact.ts';

export const logLevels = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof logLevels)[number];
export type LogFields = Readonly<Record<string, unknown>>;

/**
 * One line for each event: a sentence, and what it is about as fields. Values are data: they cannot break a line. What looks
 * like a secret is hidden in both, whoever logs it.
 */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** The same log with fields on every line. */
  with(fields: LogFields): Logger;
}

/** A log whose level may change while it is written; that of all made of it, too. */
export interface LevelledLogger extends Logger {
  setLevel(level: LogLevel): void;
}

export interface LoggerOptions {
  readonly level: LogLevel;
  /** `auto`: text on a terminal, JSON elsewhere. */
  readonly format: 'auto' | 'json' | 'text';
}

/** Logs to standard error; standard output belongs to the commands. */
export function createLogger({ level, format }: LoggerOptions): LevelledLogger {
  const asText = format === 'text' || (format === 'auto' && process.stderr.isTTY);
  const sink = { write: (line: string) => void process.stderr.write(asText ? textLine(line) : line) };
  const formatters = { level: (label: string) => ({ level: label }) };
  const timestamp = pino.stdTimeFunctions.isoTime;
  // Children of the library's keep the level they were made with; ours ask each time.
  const inner = pino({ level: 'debug', base: null, formatters, timestamp, messageKey: 'message' }, sink);
  let least = logLevels.indexOf(level);
  const isTold = (of: LogLevel): boolean => logLevels.indexOf(of) >= least;
  return {
    ...wrap(inner, isTold),
    setLevel(changed) {
      least = logLevels.indexOf(changed);
    },
  };
}

/** Drops everything; for tests. */
export const silentLogger: Logger = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  with: () => silentLogger,
};

function wrap(inner: pino.Logger, isTold: (level: LogLevel) => boolean): Logger {
  const at =
    (level: LogLevel) =>
    (message: string, fields: LogFields = {}) => {
      if (isTold(level)) inner[level](redactAll(fields) as LogFields, redact(message));
    };
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    with: (fields) => wrap(inner.child(redactAll(fields) as LogFields), isTold),
  };
}

/** `13:05:59 warn  sentence  key=value`, for a person at a terminal. */
function textLine(line: string): string {
  const { level, time, message, ...fields } = JSON.parse(line) as Record<string, unknown>;
  const rest = Object.entries(fields).map(
    ([key, value]) => ` ${key}=${typeof value === 'string' ? quoted(value) : JSON.stringify(value)}`,
  );
  return `${String(time).slice(11, 19)} ${String(level).padEnd(5)} ${printable(String(message))}${rest.length > 0 ? ` ${rest.join('')}` : ''}\n`;
}

function quoted(text: string): string {
  return /^[\w./:@-]+$/.test(text) ? text : JSON.stringify(text);
}

/** Line breaks and control characters would let a target's answer forge lines. */
function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, ' ');
}
