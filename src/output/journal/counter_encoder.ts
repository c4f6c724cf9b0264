/** Encodes a counter as an entry of the journal's native protocol. */

import { Counter } from "../../counter/counter.ts";
import { structuredCounter } from "../../counter/structured.ts";
import { escaped, jsonLine } from "../../text/escape.ts";
import { CounterTextEncoder } from "../counter/text_encoder.ts";
import { counterLine } from "../lines/counter_line.ts";
import { NOTICE } from "../lines/severity.ts";
import type { EntryOptions } from "./entry_options.ts";
import { fieldName } from "./field_name.ts";

/** Encodes entries of counters. */
export class CounterJournalEncoder extends CounterTextEncoder {
  /** Creates an encoder. */
  constructor({ identifier, priority = NOTICE, fields, session }: EntryOptions) {
    super((counter) => {
      const { host, capture, extra } = counter;
      const form = structuredCounter(new Counter(counter), {
        host,
        capture,
        session: counter.session || session,
        extra,
      });
      const members = Object.entries(form).filter(([name]) => fields?.includes(name) ?? true);
      const lines = [
        `PRIORITY=${priority}`,
        `SYSLOG_IDENTIFIER=${identifier}`,
        `MESSAGE=${counterLine(counter)}`,
        ...members.map(([name, value]) => `${fieldName(name)}${valueText(value)}`),
      ];
      return `${lines.join("\n")}\n\n`;
    });
  }
}

/** Returns a value as text, without control characters. */
function valueText(value: unknown): string {
  return typeof value === "object" ? jsonLine(value) : escaped(String(value));
}
