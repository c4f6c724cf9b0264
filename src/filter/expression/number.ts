/** Numbers of expressions. */

/**
 * Returns the value of a number: decimal, octal after a 0, hexadecimal after 0x.
 *
 * @param digits Digits, or 0x and hexadecimal digits.
 * @returns The value; a text behind the number if it is wrong.
 */
export function numberValue(digits: string): number | string {
  if (/^0\d*[89]/.test(digits)) return "begins with 0 and is octal, but has a digit 8 or 9";
  const value = /^0\d/.test(digits) ? parseInt(digits, 8) : Number(digits);
  return value > 0xffff_ffff ? "is above 4294967295" : value;
}
