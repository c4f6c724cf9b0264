/**
 * Checks a server's messages before Postgres.js reads them: it waits for as many bytes as a message
 * announces, and trusts its contents (PostgreSQL documentation, "Message Formats"). Notices are left
 * out and long errors cut, since triggers may send any number of them, of any length. Pure.
 */

/** Size of a message's type and length, in bytes. */
const HEAD = 5;
/**
 * The largest message before the login is done, in bytes; libpq accepts at most 30,000 for an
 * error.
 */
const LOGIN_MOST = 64 * 1024;
/** The largest message after the login in bytes, such as a row of the catalog. */
const MESSAGE_MOST = 1024 * 1024;
/** The largest error or notice: the server's strings are shorter. */
const TEXT_MOST = 0x7fff_ffff;
/** The part of an error that is passed on, in bytes. */
const ERROR_MOST = 64 * 1024;
/** Ends a string and an ErrorResponse. */
const ERROR_END = Uint8Array.of(0, 0);
/** The most bytes of all messages but notices from one ReadyForQuery to the next. */
const ANSWER_MOST = 16 * 1024 * 1024;
/** The most bytes of all settings that a server reports during a connection; they are kept. */
const SETTINGS_MOST = 1024 * 1024;
/** The largest iteration count of SCRAM, which takes some seconds to hash. */
const ITERATIONS_MOST = 10_000_000;

/** Types of messages that are checked or counted. */
const AUTHENTICATION = "R";
const READY = "Z";
const ROW_DESCRIPTION = "T";
const SETTING = "S";
const ERROR = "E";
const NOTICE = "N";
/** Types before the login is done: authentication, settings, the key to cancel, an error, a notice. */
const DURING_LOGIN = "RSKENZ";
/** Types after the login: those, except the login's, and answers to statements and to COPY. */
const AFTER_LOGIN = "SENZ123CDTtnIG";

/** Kinds of authentication that Postgres.js supports: none, password, MD5, SCRAM in three steps. */
const [OK, SASL_CONTINUE] = [0, 11];
const KINDS: readonly number[] = [OK, 3, 5, 10, SASL_CONTINUE, 12];
/** Size of a column in RowDescription after its name, in bytes. */
const COLUMN_REST = 18;

/** Checks a server's messages, chunk by chunk. */
export class ServerMessages {
  readonly #take: (type: string, body: Uint8Array) => boolean;
  readonly #head = new Uint8Array(HEAD);
  #headLength = 0;
  /** Bytes left of the current message, and of them those to be passed on. */
  #rest = 0;
  #passedRest = 0;
  #isCut = false;
  /** Body of the current message, if it is checked. */
  #body: Uint8Array | undefined;
  #isLoggedIn = false;
  #answer = 0;
  #settings = 0;
  #hasHashed = false;

  /**
   * Begins with a login.
   *
   * @param take Called with each message of the login; returns whether it is passed on.
   */
  constructor(take: (type: string, body: Uint8Array) => boolean = () => true) {
    this.#take = take;
  }

  /**
   * Checks the next chunk.
   *
   * @param chunk The bytes.
   * @param pass Called with each part to be passed on, which may be memory of the chunk.
   * @returns What is wrong with it; undefined if nothing is.
   */
  look(chunk: Uint8Array, pass: (part: Uint8Array) => void): string | undefined {
    for (let at = 0; at < chunk.length;) {
      if (this.#headLength < HEAD) {
        this.#head[this.#headLength++] = chunk[at++]!;
        const problem = this.#headLength === HEAD ? this.#begin(pass) : undefined;
        if (problem !== undefined) return problem;
      } else {
        const end = Math.min(chunk.length, at + this.#rest);
        this.#body?.set(chunk.subarray(at, end), this.#body.length - this.#rest);
        const passed = Math.min(end - at, this.#passedRest);
        if (passed > 0 && this.#isLoggedIn) pass(chunk.subarray(at, at + passed));
        this.#passedRest -= passed;
        this.#rest -= end - at;
        at = end;
      }
      if (this.#headLength === HEAD && this.#rest === 0) {
        if (this.#isCut) pass(ERROR_END);
        const problem = this.#end(pass);
        if (problem !== undefined) return problem;
      }
    }
    return undefined;
  }

  get #type(): string {
    return String.fromCharCode(this.#head[0]!);
  }

  /** Checks the complete head of a message. */
  #begin(pass: (part: Uint8Array) => void): string | undefined {
    const type = this.#type;
    if (!(this.#isLoggedIn ? AFTER_LOGIN : DURING_LOGIN).includes(type)) {
      return `it sends a message of type ${this.#head[0]}, which is not valid there`;
    }
    const length = new DataView(this.#head.buffer).getUint32(1);
    const most = this.#mostOf(type);
    if (length < 4 || length > most) {
      const when = this.#isLoggedIn ? "" : " before the login";
      return `it announces a message of ${length} bytes${when}; from 4 to ${most} can be`;
    }
    this.#rest = length - 4;
    this.#isCut = type === ERROR && this.#rest > ERROR_MOST;
    this.#passedRest = type === NOTICE ? 0 : this.#isCut ? ERROR_MOST : this.#rest;
    // Nothing of notices is kept, and a batch may cause as many as it has rows.
    if (type !== NOTICE) this.#answer += HEAD + this.#passedRest;
    if (type === SETTING) this.#settings += length;
    if (this.#answer > ANSWER_MOST) return `its answer has more than ${ANSWER_MOST} bytes`;
    if (this.#settings > SETTINGS_MOST) return `its settings have more than ${SETTINGS_MOST} bytes`;
    if (type !== NOTICE && this.#isLoggedIn) pass(this.#passedHead());
    const isLookedInto = type === ROW_DESCRIPTION || !this.#isLoggedIn && type !== NOTICE;
    this.#body = isLookedInto ? new Uint8Array(this.#rest) : undefined;
    return undefined;
  }

  #mostOf(type: string): number {
    if (!this.#isLoggedIn) return LOGIN_MOST;
    return type === ERROR || type === NOTICE ? TEXT_MOST : MESSAGE_MOST;
  }

  /** Returns the head of a message with the length that is passed on. */
  #passedHead(): Uint8Array {
    const head = this.#head.slice();
    const end = this.#isCut ? ERROR_END.length : 0;
    new DataView(head.buffer).setUint32(1, 4 + this.#passedRest + end);
    return head;
  }

  /** Checks the complete body of a message. */
  #end(pass: (part: Uint8Array) => void): string | undefined {
    const type = this.#type;
    const body = this.#body;
    const wasLoggedIn = this.#isLoggedIn;
    this.#headLength = 0;
    this.#body = undefined;
    if (type === READY) {
      this.#isLoggedIn = true;
      this.#answer = 0;
    }
    if (body === undefined) return undefined;
    if (wasLoggedIn) return lookAtColumns(body);
    const problem = type === AUTHENTICATION ? this.#lookAtLogin(body) : undefined;
    if (problem !== undefined) return problem;
    if (this.#take(type, body)) {
      pass(this.#head.slice());
      pass(body);
    }
    return undefined;
  }

  #lookAtLogin(body: Uint8Array): string | undefined {
    const kind = body.length < 4 ? -1 : new DataView(body.buffer).getInt32(0);
    if (!KINDS.includes(kind)) {
      return `it asks for a login of kind ${kind}, which nfscribe does not know; ` +
        "name another method in pg_hba.conf there, as scram-sha-256";
    }
    if (kind !== SASL_CONTINUE) return undefined;
    const text = new TextDecoder().decode(body.subarray(4));
    const iterations = Number(/^r=[^,]+,s=[A-Za-z0-9+/=]+,i=(\d+)(?:,|$)/.exec(text)?.[1]);
    if (this.#hasHashed || !(iterations >= 1)) {
      return "its part of the login (SCRAM) is invalid";
    }
    if (iterations > ITERATIONS_MOST) {
      return `it wants the password hashed ${iterations} times; at most ${ITERATIONS_MOST} can be`;
    }
    this.#hasHashed = true;
    return undefined;
  }
}

/** Checks that each column's name ends: Postgres.js would search without a limit. */
function lookAtColumns(body: Uint8Array): string | undefined {
  const problem = "its description of columns is invalid";
  if (body.length < 2) return problem;
  let at = 2;
  for (let count = new DataView(body.buffer).getUint16(0); count > 0; count--) {
    const end = body.indexOf(0, at);
    if (end < 0) return problem;
    at = end + 1 + COLUMN_REST;
  }
  return at === body.length ? undefined : problem;
}
