/** Encodes counters as lines of JSON. */

import type { RawCounter } from "../../../counter/raw_counter.ts";
import type { Encoder } from "../../../record/encoder.ts";
import { jsonLine } from "../../../text/escape.ts";
import { CounterTextEncoder } from "../../counter/text_encoder.ts";
import { flavored } from "../flavor.ts";
import type { LineOptions, PrinterOptions } from "../options.ts";
import { type CounterForm, ecsForm, nfscribeForm, ocsfForm } from "./forms.ts";
import { Ulogd2CounterEncoder } from "./ulogd2.ts";

/** Formats of lines. */
const FORMS: Readonly<Record<PrinterOptions["format"], CounterForm>> = {
  nfscribe: nfscribeForm,
  ecs: ecsForm,
  ocsf: ocsfForm,
};

/** Creates the encoder of counters for these options. */
export function counterEncoderOf(options: LineOptions): Encoder<RawCounter> {
  const { format, flavor, session, fields } = options;
  if (format === "ulogd2") return new Ulogd2CounterEncoder(options);
  const form = FORMS[format];
  const encoder = new CounterTextEncoder((counter) => {
    const members = Object.entries(form(counter, { ...options, format }));
    const chosen = members.filter(([name]) => fields?.includes(name) ?? true);
    return `${jsonLine(Object.fromEntries(chosen))}\n`;
  });
  return flavored(encoder, flavor, session);
}
