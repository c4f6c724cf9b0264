/** The document around the packets. */

/** Beginning of a file. */
export const HEADER = '<?xml version="1.0" encoding="utf-8"?>\n<packet>\n';
/** End of a file. */
export const TRAILER = "</packet>\n";
