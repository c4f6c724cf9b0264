import { assert, assertEquals } from "@std/assert";
import { OPEN_FLAGS } from "../../ffi/open_flags.ts";
import { type Machine, SYSTEM_CALLS, systemCallNumber } from "../../ffi/syscall_numbers.ts";
import { canRun, must, ROOT } from "./process.ts";

/** Preprocessors of x86-64 with the headers of Linux and glibc for each machine. */
const PREPROCESSORS: Readonly<Record<Machine, readonly string[]>> = {
  x86_64: ["cpp", "-P"],
  aarch64: [
    ...["cpp", "-P", "-U__x86_64__", "-D__aarch64__", "-D__AARCH64EL__"],
    ...["-isystem", "/usr/aarch64-linux-gnu/include"],
  ],
};
const LINUX = "asm/socket asm/unistd linux/audit linux/capability linux/fcntl linux/futex " +
  "linux/limits linux/magic linux/memfd linux/netlink linux/openat2 linux/prctl linux/seccomp " +
  "linux/sock_diag linux/time linux/wait";
const GLIBC = "errno fcntl netdb poll sched signal spawn sys/epoll sys/eventfd sys/inotify " +
  "sys/mman sys/resource sys/socket sys/stat sys/wait unistd";
const INCLUDES = `${GLIBC} ${LINUX}`.split(" ").map((name) => `#include <${name}.h>\n`).join("");

/** Asks a machine's headers for the values of names; those that they do not have are left out. */
async function valuesOf(names: readonly string[], machine: Machine): Promise<Map<string, number>> {
  const questions = names.map((name) => `"${name}" = ${name};\n`).join("");
  const text = await must(PREPROCESSORS[machine], `#define _GNU_SOURCE\n${INCLUDES}${questions}`);
  const values = new Map<string, number>();
  for (const [, name, expression] of text.matchAll(/^"(\w+)" = (.*);$/gm)) {
    // An enumerator stands for itself.
    const enumerator = new RegExp(`\\b${name} = ([\\dxa-f]+)\\b`).exec(text)?.[1];
    const value = numberOf(expression === name && enumerator || expression!);
    if (value !== undefined) values.set(name!, value);
  }
  // glibc's has O_DIRECTORY in it, the kernel's has not.
  values.delete("__O_TMPFILE");
  return values;
}

/** Returns the value of an expression of literals, of C or TypeScript; undefined for others. */
function numberOf(expression: string): number | undefined {
  const plain = expression.replaceAll(/\((?:__poll_t|int)\)|(?<=\d)(?:U?L*|n)\b/g, "")
    .replaceAll(/\b0(?=[0-7])/g, "0o");
  if (!/^(?:0[xo][\da-f_]+|\d[\d_]*|[\s|()<~-])+$/i.test(plain)) return undefined;
  return new Function(`return (${plain}) >>> 0`)();
}

/** A constant, with the names of headers that its value is made of. */
interface Constant {
  place: string;
  names: readonly string[];
  value: number;
}

/**
 * Finds constants of numbers that the comment above derives from names of headers, as
 * "`O_PATH | O_CLOEXEC` (fcntl.h)", or that have such a name themselves.
 */
async function constants(): Promise<Constant[]> {
  const files = (await Array.fromAsync(Deno.readDir(`${ROOT}ffi`))).map(({ name }) =>
    `ffi/${name}`
  );
  const found: Constant[] = [];
  for (const file of [...files, "src/sandbox/entry/policy.ts"]) {
    const text = await Deno.readTextFile(ROOT + file);
    const pattern =
      /(?:\/\*\*[\s*]+`([A-Z_\d |]+)` \([a-z](?:(?!\*\/)[^])*\*\/\n)?(?:export )?const (\w+) = ([^;]+);/g;
    for (const [, told, name, expression] of text.matchAll(pattern)) {
      const value = numberOf(expression!);
      const names = told?.split(" | ") ?? [name!];
      if (value !== undefined) found.push({ place: `${file}: ${name}`, names, value });
    }
  }
  return found;
}

for (const machine of ["x86_64", "aarch64"] as const) {
  const probe = [...PREPROCESSORS[machine], "-include", "asm/unistd.h", "/dev/null"];
  const ignore = Deno.build.arch !== "x86_64" || !canRun(...probe) ||
    machine === "aarch64" && !canRun("test", "-d", "/usr/aarch64-linux-gnu/include/asm");
  const needs = machine === "x86_64" ? "libc6-dev" : "libc6-dev-arm64-cross";

  Deno.test({
    name: `System calls have the numbers of the kernel's headers for ${machine} (needs ${needs})`,
    ignore,
    fn: async () => {
      const kernel = await valuesOf(SYSTEM_CALLS.map((name) => `__NR_${name}`), machine);
      assertEquals(
        SYSTEM_CALLS.map((name) => [name, systemCallNumber(name, machine)]),
        SYSTEM_CALLS.map((name) => [name, kernel.get(`__NR_${name}`)]),
      );
    },
  });

  Deno.test({
    name: `Constants have the values of the headers for ${machine} (needs ${needs})`,
    ignore,
    fn: async () => {
      const flags = Object.entries(OPEN_FLAGS[machine]).map(([name, value]) => ({
        place: "OPEN_FLAGS",
        names: [name],
        value,
      }));
      const all = [...await constants(), ...flags];
      const headers = await valuesOf([...new Set(all.flatMap(({ names }) => names))], machine);
      const compared = all.filter(({ names }) => names.every((name) => headers.has(name)));
      assert(compared.length > 100, `only ${compared.length} are in headers`);
      const wrong = compared.filter(({ names, value }) =>
        value !== names.reduce((sum, name) => (sum | headers.get(name)!) >>> 0, 0)
      );
      assertEquals(wrong.map(({ place }) => place), []);
    },
  });
}
