/** The pure half of the Prometheus output: encodes what a counter adds to its object's sums. */

import { Counter } from "../../counter/counter.ts";
import { defineEncoders } from "../../record/define.ts";
import { escaped } from "../../text/escape.ts";
import { CounterTextEncoder } from "../counter/text_encoder.ts";
import { lineOf } from "./line.ts";

/** Encodes counters as lines for the writer. */
export class PrometheusEncoder extends CounterTextEncoder {
  /** Creates an encoder. */
  constructor() {
    super((raw) => {
      const { object, family = "", table = "", name, packets = 0, bytes = 0 } = new Counter(raw);
      return lineOf({
        seconds: raw.receivedSeconds,
        packets,
        bytes,
        labels: {
          host: escaped(raw.host),
          source: escaped(raw.capture),
          object,
          family,
          table: escaped(table),
          name: escaped(name),
        },
      });
    });
  }
}

/** Encoders of the Prometheus output. */
export const prometheusEncoders = defineEncoders<Record<string, never>>({
  counter: () => new PrometheusEncoder(),
});
