/**
 * Examples as their readers use them: the lines that an example's header shows
 * are those that run here.
 *
 * @module
 */

import { HAS_IPTABLES, HAS_NFT } from "../kernel/firewall.ts";
import { canRun, must, ROOT, temporaryFolder, until } from "../system/process.ts";

/** Forms of rules that this machine takes. */
export type Form = "nft" | "iptables";
/** Command that prints the groups that are bound in this network namespace. */
const BOUND_GROUPS = ["cat", "/proc/net/netfilter/nfnetlink_log"];
/** The forms that this machine takes; none where that table is not for this user. */
export const FORMS: readonly Form[] = !canRun(...BOUND_GROUPS) ? [] : [
  ...HAS_NFT ? ["nft"] as const : [],
  ...HAS_IPTABLES ? ["iptables"] as const : [],
];

/** An indented part of a header, and the paragraph before it. */
interface Block {
  intro: string;
  lines: string[];
}

/** The header of an example. */
export class Header {
  readonly #file: string;
  readonly #blocks: readonly Block[];

  private constructor(file: string, blocks: readonly Block[]) {
    this.#file = file;
    this.#blocks = blocks;
  }

  /** Reads the comment that a file of `examples/` begins with. */
  static async read(file: string): Promise<Header> {
    const text = await Deno.readTextFile(`${ROOT}examples/${file}`);
    const comment = /^(?:\/\*\*\n(?: \*.*\n)+|(?:#.*\n)+)/.exec(text)?.[0].trimEnd() ?? "";
    const lines = comment.split("\n").map((line) => line.replace(/^(?: \*|#) ?/, ""));
    const blocks: Block[] = [];
    for (const part of lines.join("\n").split(/\n\n+/)) {
      if (part.startsWith("    ")) {
        blocks.at(-1)!.lines.push(...part.split("\n").map((line) => line.slice(4)));
      } else blocks.push({ intro: part, lines: [] });
    }
    return new Header(file, blocks);
  }

  /** Returns the lines below the paragraph that begins like this. */
  lines(intro: string): string[] {
    const block = this.#blocks.find((block) => block.intro.startsWith(intro));
    if (block === undefined || block.lines.length === 0) {
      throw new Error(`examples/${this.#file}: no lines below "${intro}"`);
    }
    return block.lines;
  }

  /**
   * Loads the rules of one form, each as it stands there.
   *
   * @param form Which form.
   * @param intro How the paragraph before them begins.
   * @returns Them; disposing takes them away.
   */
  async load(form: Form, intro = "The rule"): Promise<AsyncDisposable> {
    const rules = this.lines(intro).filter((line) => line.startsWith(form));
    if (rules.length === 0) throw new Error(`examples/${this.#file}: no rule for ${form}`);
    for (const rule of rules) {
      const chain = /^nft add rule (\w+ \w+) (\w+)/.exec(rule);
      if (chain !== null) {
        const [, table, name] = chain;
        await must(["nft", "add", "table", ...table!.split(" ")]);
        await must(["nft", `add chain ${table} ${name} { type filter hook ${name} priority 0; }`]);
      }
      await must(["sh", "-ec", rule.replace(/^iptables /, "iptables-legacy ")]);
    }
    const flush = form === "nft" ? ["nft", "flush", "ruleset"] : ["iptables-legacy", "-F"];
    return { [Symbol.asyncDispose]: async () => void await must(flush) };
  }
}

/** A folder in which the examples run as in the project's. */
export interface Desk extends AsyncDisposable {
  /** The folder. */
  readonly path: string;
  /** Text of a file in it; empty where there is none yet. */
  text(file: string): string;
  /** Bytes of a file in it; 0 where there is none yet. */
  size(file: string): number;
  /**
   * Starts a line of a header.
   *
   * @param line The line.
   * @param groups The groups that it binds.
   * @param env Further environment variables.
   * @returns It, once the kernel knows that it reads these groups.
   */
  start(line: string, groups: readonly number[], env?: Record<string, string>): Promise<Started>;
  /**
   * Runs a line of a header to its end.
   *
   * @param line The line.
   * @param options Further environment variables; the exit status, 0 unless it is said.
   * @returns Its standard output.
   */
  run(line: string, options?: { env?: Record<string, string>; expected?: number }): Promise<string>;
}

/** A program of an example at work. */
export interface Started extends AsyncDisposable {
  /** Its standard output and standard error so far. */
  readonly said: string;
  /** Presses Ctrl-C; returns the exit status. */
  interrupt(): Promise<number>;
}

/** Makes the folder; disposing removes it. */
export async function openDesk(): Promise<Desk> {
  const folder = await temporaryFolder();
  const { path } = folder;
  await must(["cp", "-r", `${ROOT}examples`, `${path}/examples`]);
  await Deno.symlink(`${ROOT}scripts`, `${path}/scripts`);
  return {
    path,
    text: (file) => existing(() => Deno.readTextFileSync(`${path}/${file}`)) ?? "",
    size: (file) => existing(() => Deno.statSync(`${path}/${file}`).size) ?? 0,
    async start(line, groups, env = {}) {
      const started = start(commandOf(line, path, env));
      try {
        await until(`${line}\nbinds groups ${groups}`, async () => {
          if (started.hasEnded) throw new Error(`${line}\nhas ended: ${started.said}`);
          const bound = await boundGroups();
          return groups.every((group) => bound.includes(group));
        });
      } catch (error) {
        await started[Symbol.asyncDispose]();
        throw error;
      }
      return started;
    },
    async run(line, { env = {}, expected = 0 } = {}) {
      const { code, stdout, stderr } = await commandOf(line, path, env).output();
      const decoder = new TextDecoder();
      if (code !== expected) {
        throw new Error(`${line}\nexit status ${code}: ${decoder.decode(stderr)}`);
      }
      return decoder.decode(stdout);
    },
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

/** Looks at a file; returns undefined where there is none. */
function existing<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Returns a line for the shell; what runs in it is the Deno and the settings of these tests. */
function commandOf(line: string, cwd: string, env: Record<string, string>): Deno.Command {
  const here = line.replace(/^deno run /, `deno run --quiet --config=${ROOT}deno.json `)
    .replaceAll("x86_64", Deno.build.arch);
  const folder = Deno.execPath().replace(/\/[^/]*$/, "");
  return new Deno.Command("sh", {
    args: ["-c", `exec ${here}`],
    cwd,
    env: { ...env, PATH: `${folder}:${Deno.env.get("PATH")}` },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  });
}

function start(command: Deno.Command): Started & { readonly hasEnded: boolean } {
  const child = command.spawn();
  let said = "";
  let hasEnded = false;
  const listen = async (stream: ReadableStream<Uint8Array<ArrayBuffer>>) => {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) said += text;
  };
  const ended = Promise.all([child.status, listen(child.stdout), listen(child.stderr)])
    .then(([{ code }]) => {
      hasEnded = true;
      return code;
    });
  return {
    get said() {
      return said;
    },
    get hasEnded() {
      return hasEnded;
    },
    interrupt() {
      child.kill("SIGINT");
      return ended;
    },
    async [Symbol.asyncDispose]() {
      if (!hasEnded) child.kill("SIGKILL");
      await ended;
    },
  };
}

/** Groups of this network namespace that some process reads. */
async function boundGroups(): Promise<number[]> {
  const table = await must(BOUND_GROUPS);
  return table.split("\n").filter((line) => line !== "").map((line) => parseInt(line));
}

/** Replaces what differs from run to run: numbers of any size, and space. */
export function shape(text: string): string {
  return text.replaceAll(/\d+/g, "0").replaceAll(/[ \t]+/g, " ").trim();
}
