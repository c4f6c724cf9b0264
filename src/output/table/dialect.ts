/** Differences of the databases in the SQL of views. */

/** A database's SQL for the expressions of views. */
export interface Dialect {
  /** Returns a value with a type of PostgreSQL's, where the database has types of expressions. */
  cast(expression: string, type: string): string;
  /** Returns whether two values differ, where null differs from everything else. */
  differs(expression: string, other: string): string;
  /** Returns a column less a number, and 0 where that is less. */
  less(column: string, number: number): string;
  /** Returns whether an address is one of IPv4 or of IPv6. */
  isVersion(column: string, version: 4 | 6): string;
  /** Returns an address that people can read. */
  address(column: string): string;
  /** Returns the number of an IPv4 address; null for IPv6. */
  addressNumber(column: string): string;
  /** Returns a UUID that people can read. */
  uuid(column: string): string;
  /** Returns a hardware address that people can read. */
  mac(column: string): string;
  /** Returns a time that people can read. */
  time(expression: string): string;
  /** Returns the minute of a time, for people to read. */
  minute(expression: string): string;
  /** Returns whole seconds since the Unix epoch; null where there is no such number. */
  seconds(column: string): string;
  /** Returns the microseconds within the second. */
  micros(column: string): string;
  /** Returns whether a bit of a column is set. */
  isSet(column: string, bit: number): string;
  /** Returns a column of {@linkcode ulogSource} that the view `ulog` has another one beside. */
  icmpColumn(column: "icmp_type" | "icmp_code"): string;
  /** Returns the table as the view `ulog` reads from it. */
  ulogSource(table: string): string;
  /** Link header as the kernel's LOG target writes it: receiver, sender, EtherType. */
  linkHeader: string;
  /** Columns of the view `ulog` beside those that every database has. */
  ulogColumns: readonly (readonly [name: string, expression: string])[];
}
