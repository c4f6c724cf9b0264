/** Header fields of every answer. */

/**
 * Policy of the page: nothing is loaded from elsewhere, no script but its own file runs, and no text
 * becomes markup (Content Security Policy Level 3, Trusted Types).
 */
export const CONTENT_SECURITY_POLICY: string = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join("; ");

/** Header fields of every answer. */
export const FIXED_HEADERS: Readonly<Record<string, string>> = {
  "content-security-policy": CONTENT_SECURITY_POLICY,
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "x-frame-options": "DENY",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
  "cross-origin-resource-policy": "same-origin",
  "x-robots-tag": "noindex",
  // An answer depends on the cookie, and no proxy may keep it.
  "vary": "cookie, authorization",
};
