/** Words of nft's language. */

/** A word, or a character that separates words. */
export interface Token {
  /** Its text; a string with its quotes. */
  text: string;
  /** The line, from 1 on. */
  line: number;
}
