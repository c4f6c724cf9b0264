/**
 * One option, three spellings: `queueTimeoutMs` in programs, `queue_timeout_ms`
 * in configuration files, `--queue-timeout-ms` on the command line.
 */

/** Converts `queueTimeoutMs` to `queue_timeout_ms`. */
export function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** Converts `queue_timeout_ms` to `queueTimeoutMs`. */
export function camelCase(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
