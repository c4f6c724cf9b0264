/** Errors that are answers to requests. */

/** Place in an expression, in UTF-16 units. */
export interface Place {
  start: number;
  end: number;
}

/** Error that a browser gets as `{error, place}`. */
export class RequestError extends Error {
  /** Name of the class. */
  override readonly name = "RequestError";

  /**
   * Creates an error.
   *
   * @param status Status of HTTP.
   * @param place Place of a wrong word in the expression.
   */
  constructor(readonly status: number, message: string, readonly place?: Place) {
    super(message);
  }

  /** Returns the body of the answer. */
  body(): { error: string; place?: Place } {
    return { error: this.message, ...this.place !== undefined && { place: this.place } };
  }
}
