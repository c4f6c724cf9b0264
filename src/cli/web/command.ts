/** `nfscribe web`: the web page. */

import type { Command } from "../command.ts";
import { CONFIG, FLAGS } from "../common_options.ts";
import { ALL_OUTPUTS, outputOption } from "../part_options.ts";

const SHOWN = ALL_OUTPUTS.filter(({ isShown }) => isShown === true);

/** `nfscribe web` */
export const webCommand: Command = {
  name: "web",
  summary: "show what the firewall sees in a browser, live and back in time",
  details: `Shows the packets and flows of a database, and the counters of a running nfscribe, on a
page for browsers; it can read these and nothing else. Without an option the database and the
socket of nfscribe.toml in the current folder are shown, or of /etc/nfscribe/nfscribe.toml. nfscribe run
--web starts it beside the logger. The address that is printed opens the page: the token in it is
a password. Ctrl-C ends it.`,
  options: [
    CONFIG,
    { name: "output", value: "NAME", help: "the output whose database it is, of several" },
    ...SHOWN.map((type) => ({
      ...outputOption(type),
      help: `the database, as in ${type.shorthand.example}`,
    })),
    { name: "socket", value: "PATH", help: "the socket for counters of a running nfscribe" },
    { name: "listen", value: "ADDRESS", help: "where the page is (127.0.0.1:9478)" },
    {
      name: "host-name",
      value: "NAME",
      many: true,
      help: "a name by which browsers ask for it, besides localhost and addresses",
    },
    { name: "token-file", value: "FILE", help: "keep the token there, and use it again" },
    { name: "tls-certificate", value: "FILE", help: "the certificate for HTTPS, in PEM" },
    { name: "tls-key", value: "FILE", help: "the certificate's private key, in PEM" },
    {
      name: "cleartext",
      help: "let other hosts connect without HTTPS: all in between can read token and packets",
    },
    { name: "open", help: "open it in this desktop's browser, with xdg-open" },
    { name: "until-eof", help: "end when standard input does, as that of a process that ends" },
    ...FLAGS,
  ],
  examples: [
    ["nfscribe web --sqlite nfscribe.db", "a database in a file"],
    ["nfscribe web -c /etc/nfscribe/nfscribe.toml", "what the service logs"],
    [
      "nfscribe web --listen 0.0.0.0:9478 --tls-certificate fw.pem --tls-key fw.key",
      "for other hosts",
    ],
  ],
  execute: async (options) => (await import("./web.ts")).execute(options),
};
