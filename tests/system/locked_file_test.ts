import { assertEquals } from "@std/assert";
import { lazySymbols } from "../../ffi/libc.ts";
import { readProcFile } from "../../ffi/proc_file.ts";
import { openFolder } from "../../src/buffer/segment_folder.ts";
import { closeLocked } from "../../src/files/locked_file.ts";
import { temporaryFolder } from "./process.ts";

const symbols = lazySymbols({
  /** `int dup(int oldfd)` (unistd.h) */
  dup: { parameters: ["i32"], result: "i32" },
  /** `int close(int fd)` (unistd.h) */
  close: { parameters: ["i32"], result: "i32" },
});

/** Returns the descriptor of a file that is open. */
function descriptorOf(file: Deno.FsFile): number {
  const { ino } = file.statSync();
  for (let fd = 0; fd < 1024; fd++) {
    if (readProcFile(`/proc/self/fdinfo/${fd}`)?.includes(`ino:\t${ino}\n`)) return fd;
  }
  throw new Error("no descriptor");
}

Deno.test("a spool that is closed is free, though a process that is being started has its descriptors", async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/spool`;
  const open = () => openFolder(path, ".rows", () => {}).lock;
  const first = open();
  // As fork(2) does.
  const copy = symbols().dup(descriptorOf(first));
  closeLocked(first);
  try {
    closeLocked(open());
  } finally {
    assertEquals(symbols().close(copy), 0);
  }
});
