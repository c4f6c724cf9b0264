// Is granted one folder, and fills it with links to the canary.
// @config [filter.permissions]
// @config write = ["/tmp/nfscribe-hostile-write"]
// deno-lint-ignore-file
let count = 0;
export default async (_packet, context) => {
  if (++count !== 5) return "pcap";
  const folder = "/tmp/nfscribe-hostile-write";
  try {
    Deno.symlinkSync("{{secret}}", `${folder}/link`);
    context.log("GOT a link");
  } catch { /* Refused. */ }
  try {
    Deno.linkSync("{{secret}}", `${folder}/hard`);
    context.log("GOT a hard link");
  } catch { /* Refused. */ }
  try {
    Deno.renameSync("{{secret}}", `${folder}/moved`);
    context.log("GOT it moved");
  } catch { /* Refused. */ }
  try {
    Deno.copyFileSync("{{secret}}", `${folder}/copy`);
    context.log("GOT a copy");
  } catch { /* Refused. */ }
  try {
    Deno.writeTextFileSync(`${folder}/../nfscribe-hostile-outside`, "x");
    context.log("GOT out of the folder");
  } catch { /* Refused. */ }
  try {
    Deno.writeTextFileSync("{{secret}}", "x");
    context.log("GOT the canary");
  } catch { /* Refused. */ }
  try {
    context.log(`GOT ${Deno.readTextFileSync("{{secret}}")}`);
  } catch { /* Refused. */ }
  try {
    Deno.chmodSync("{{secret}}", 0o777);
    context.log("GOT its mode");
  } catch { /* Refused. */ }
  context.log("done");
  return "pcap";
};
