/** A failure, told where its result would be. */

import type { JSX } from "preact";

/** Tells of a failure, and offers another try. */
export function Notice(
  { text, onRetry }: { text: string; onRetry?: (() => void) | undefined },
): JSX.Element {
  return (
    <div class="notice" role="alert">
      <p>{text}</p>
      {onRetry !== undefined && (
        <button type="button" class="button" onClick={onRetry}>Try again</button>
      )}
    </div>
  );
}
