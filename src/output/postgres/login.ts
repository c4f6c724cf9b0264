/**
 * Decides by a server's messages, from its first one to ReadyForQuery, whether to use the connection
 * (PostgreSQL documentation, "Message Flow", "Start-up"). Pure.
 */

import { ConnectError } from "../server/connect_failure.ts";
import { MECHANISM, type ScramPlus } from "./scram_plus.ts";
import { type Target, unfit } from "./target_session.ts";

/** Kinds of AuthenticationRequest. */
const [OK, SASL, SASL_CONTINUE, SASL_FINAL] = [0, 10, 11, 12];

/** SQLSTATE codes: `invalid_authorization_specification`, `protocol_violation`, `cannot_connect_now`. */
const REFUSED = "28000";
const VIOLATION = "08P01";
const NOT_YET = "57P03";

/** Change that may make another attempt succeed. */
export type Change =
  /** TLS instead of none, or none instead of TLS. */
  | "encryption"
  /** Fewer settings in the startup message. */
  | "settings"
  /** The next host. */
  | "host";

/** Decision on a message. */
export type Decision =
  /** Postgres.js gets it. */
  | "pass"
  /** It was answered here, perhaps with a message. */
  | { answer?: Uint8Array }
  /** The connection is closed, for an attempt with a change. */
  | { change: Change; error: Error }
  /** The connection is closed. */
  | { error: Error };

/** Circumstances of a login. */
export interface LoginOptions {
  target: Target;
  /** Changes that are possible. */
  changes: ReadonlySet<Change>;
  /** Begins channel binding; undefined if it is not required. */
  scram?: () => ScramPlus;
}

/** One login. */
export class Login {
  readonly #options: LoginOptions;
  readonly #settings = new Map<string, string>();
  #scram: ScramPlus | undefined;

  constructor(options: LoginOptions) {
    this.#options = options;
  }

  /**
   * Takes a message.
   *
   * @param type Its type.
   * @param body Its contents, which were checked if it is about authentication.
   */
  take(type: string, body: Uint8Array): Decision {
    switch (type) {
      case "R":
        return this.#options.scram === undefined ? "pass" : this.#bind(body, this.#options.scram);
      case "S": {
        const [name = "", value = ""] = new TextDecoder().decode(body).split("\0");
        this.#settings.set(name, value);
        return "pass";
      }
      case "E":
        return this.#refused(fieldsOf(body));
      case "Z":
        return this.#ready();
      default:
        return "pass";
    }
  }

  #ready(): Decision {
    const reason = unfit(this.#options.target, this.#settings);
    if (reason === undefined) return "pass";
    return this.#change("host", new ConnectError("OTHER_SESSION", reason));
  }

  #refused({ C: code = "", M: message = "" }: Readonly<Record<string, string>>): Decision {
    const change = code === REFUSED
      ? "encryption"
      : code === NOT_YET
      ? "host"
      : code === VIOLATION && message.includes("startup parameter")
      ? "settings"
      : undefined;
    if (change === undefined || !this.#options.changes.has(change)) return "pass";
    return this.#change(change, Object.assign(new Error(message), { code }));
  }

  #change(change: Change, error: Error): Decision {
    return this.#options.changes.has(change) ? { change, error } : { error };
  }

  /** Logs in with channel binding, in Postgres.js's place. */
  #bind(body: Uint8Array, begin: () => ScramPlus): Decision {
    const kind = new DataView(body.buffer, body.byteOffset).getInt32(0);
    const text = new TextDecoder().decode(body.subarray(4));
    try {
      if (kind === SASL && text.split("\0").includes(MECHANISM)) {
        this.#scram = begin();
        return { answer: this.#scram.begin() };
      }
      if (kind === SASL_CONTINUE && this.#scram !== undefined) {
        return { answer: this.#scram.answer(text) };
      }
      if (kind === SASL_FINAL && this.#scram !== undefined) {
        this.#scram.finish(text);
        return {};
      }
    } catch (error) {
      return { error: error as Error };
    }
    if (kind === OK && this.#scram?.isProven === true) return "pass";
    const why = "the server does not offer it: it takes TLS, and scram-sha-256 in pg_hba.conf";
    return {
      error: new ConnectError(
        "NO_BINDING",
        `channel_binding is require, and ${why}; set it up there, or set channel_binding=prefer`,
      ),
    };
  }
}

/** Returns the fields of an ErrorResponse by their letter. */
function fieldsOf(body: Uint8Array): Record<string, string> {
  const fields = new TextDecoder().decode(body).split("\0").filter((field) => field !== "");
  return Object.fromEntries(fields.map((field) => [field[0], field.slice(1)]));
}
