/**
 * The formats that print ulogd's keys: splits files into records, and finds their times.
 *
 * @module
 */

/** Plugins of ulogd, by the output of nfscribe that replaces each. */
export const PLUGINS = { json: "JSON", gprint: "GPRINT", oprint: "OPRINT", xml: "XML" } as const;
/** A format. */
export type Format = keyof typeof PLUGINS;
/** All formats. */
export const FORMATS = Object.keys(PLUGINS) as Format[];

const BOUNDARY = "===>PACKET BOUNDARY\n";
const DOCUMENT = /^<\?xml version="1\.0" encoding="utf-8"\?>\n<packet>\n/;

/** Splits the text of a file into whole records, without the document around them. */
export function records(format: Format, text: string): string[] {
  if (format === "oprint") return text.split(BOUNDARY).slice(1);
  const body = format === "xml" ? text.replace(DOCUMENT, "").replace(/<\/packet>\n$/, "") : text;
  return body.split("\n").slice(0, -1);
}

/** A record without times, and its times in seconds since the Unix epoch. */
export interface Timeless {
  /** The record with a word in place of each time. */
  text: string;
  /** The times, in the order of the record. */
  times: number[];
}

/** Patterns of times, with the form of each. */
const TIMES = [
  /(?<="oob\.time\.sec": )(\d+), "oob\.time\.usec": (\d+)/g,
  /(?<=oob\.time\.sec=)(\d+)[,\n]oob\.time\.usec=(\d+)/g,
  /(?<="@?timestamp": ")(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)\.\d{6}(?=[+"-])/g,
  /(?<=^timestamp=)(\d{4})\/(\d\d)\/(\d\d)-(\d\d):(\d\d):(\d\d)/g,
  /<hour>(\d+)<\/hour><min>(\d\d)<\/min><sec>(\d\d)<\/sec><wday>\d<\/wday><day>(\d+)<\/day><month>(\d+)<\/month><year>(\d+)<\/year>/g,
] as const;

/** Takes the times out of a record. */
export function timeless(record: string): Timeless {
  const times: number[] = [];
  let text = record;
  for (const [form, pattern] of TIMES.entries()) {
    text = text.replaceAll(pattern, (...groups) => {
      const parts = groups.slice(1, 7).map(Number);
      times.push(
        form < 2 ? parts[0]! + parts[1]! / 1e6 : local(form === 4 ? fromXml(parts) : parts),
      );
      return "TIME";
    });
  }
  return { text, times };
}

function fromXml([hour, minute, second, day, month, year]: number[]): number[] {
  return [year!, month!, day!, hour!, minute!, second!];
}

function local([year, month, day, hour, minute, second]: number[]): number {
  return new Date(year!, month! - 1, day, hour, minute, second).getTime() / 1000;
}
