/** Reads objects of JSON that came from elsewhere: numbers, texts and times within their bounds. Pure. */

import { ABSENT } from "../../packet/absent.ts";

/** Longest text that is taken. */
const TEXT_MOST = 4096;
/** A time as `timeText` writes it: RFC 3339, in UTC, with microseconds. */
const TIME = /^(?:\d{4}|\+\d{6})-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;
/** A time that `Date` cannot hold. */
const LATE = /^(\d{1,16})us$/;

/** Fields of an object; {@linkcode isWrong} tells afterwards whether one was not as it must be. */
export class FormFields {
  /** Whether a field had another type or was out of its bounds. */
  isWrong = false;
  #form: Readonly<Record<string, unknown>> = {};

  /** Begins with an object; anything else is wrong. */
  begin(form: unknown): void {
    this.isWrong = false;
    this.use(form);
  }

  /** Goes on with an object within another one. */
  use(form: unknown): void {
    const isObject = typeof form === "object" && form !== null && !Array.isArray(form);
    if (!isObject) this.isWrong = true;
    this.#form = isObject ? form as Readonly<Record<string, unknown>> : {};
  }

  /** Returns a field of any type; undefined if it is absent. */
  get(name: string): unknown {
    return Object.hasOwn(this.#form, name) ? this.#form[name] : undefined;
  }

  /** Returns a whole number, or ABSENT. */
  whole(name: string, most: number): number {
    const value = this.get(name);
    if (value === undefined) return ABSENT;
    if (Number.isSafeInteger(value) && value as number >= 0 && value as number <= most) {
      return value as number;
    }
    this.isWrong = true;
    return ABSENT;
  }

  /** Returns seconds as microseconds, or ABSENT. */
  microseconds(name: string): number {
    const value = this.get(name);
    if (value === undefined) return ABSENT;
    const micros = typeof value === "number" ? Math.round(value * 1e6) : NaN;
    if (micros >= 0 && Number.isSafeInteger(micros)) return micros;
    this.isWrong = true;
    return ABSENT;
  }

  /** Returns a text, or undefined. */
  text(name: string): string | undefined {
    const value = this.get(name);
    if (value === undefined || typeof value === "string" && value.length <= TEXT_MOST) return value;
    this.isWrong = true;
    return undefined;
  }

  /** Returns whether a field is true. */
  isTrue(name: string): boolean {
    const value = this.get(name);
    if (value !== undefined && typeof value !== "boolean") this.isWrong = true;
    return value === true;
  }

  /** Returns a time in microseconds since the Unix epoch, or ABSENT. */
  time(name: string): number {
    const text = this.text(name);
    if (text === undefined) return ABSENT;
    const micros = microsecondsOf(text);
    if (micros !== undefined) return micros;
    this.isWrong = true;
    return ABSENT;
  }

  /** Returns an object that a filter attached as JSON; undefined for none. */
  extra(): Uint8Array | undefined {
    const value = this.get("extra");
    if (value === undefined) return undefined;
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      return new TextEncoder().encode(JSON.stringify(value));
    }
    this.isWrong = true;
    return undefined;
  }
}

/** Returns the microseconds since the Unix epoch of a time that `timeText` has written. */
function microsecondsOf(text: string): number | undefined {
  const [, late] = LATE.exec(text) ?? [];
  if (late !== undefined) return Number.isSafeInteger(Number(late)) ? Number(late) : undefined;
  if (!TIME.test(text)) return undefined;
  const ms = Date.parse(`${text.slice(0, -4)}Z`);
  return ms >= 0 ? ms * 1000 + Number(text.slice(-4, -1)) : undefined;
}
