/**
 * Makes certificates for tests with openssl.
 *
 * @module
 */

import { must } from "../system/process.ts";

/** Paths of a certificate and its key. */
export interface Certificate {
  /** The certificate, PEM. */
  crt: string;
  /** Its key, PEM. */
  key: string;
}

const NEW_KEY = ["-newkey", "rsa:2048", "-nodes"];

/** Creates an authority: a certificate that signs others. */
export async function authority(folder: string, name: string): Promise<Certificate> {
  const made = files(folder, name);
  const what = ["-subj", `/CN=${name}`, "-addext", "basicConstraints=critical,CA:TRUE"];
  const to = ["-keyout", made.key, "-out", made.crt];
  await must(["openssl", "req", "-x509", "-days", "2", ...NEW_KEY, ...what, ...to]);
  return made;
}

/**
 * Creates a certificate for a host or a user.
 *
 * @param by The authority that signs it.
 * @param name The name that it certifies.
 * @param years Years at whose beginnings its time begins and ends; from now on for two days if left out.
 */
export async function certificate(
  folder: string,
  by: Certificate,
  name: string,
  years?: readonly [from: number, to: number],
): Promise<Certificate> {
  const made = files(folder, name);
  const request = `${folder}/${name}.csr`;
  const extensions = `${folder}/${name}.ext`;
  await Deno.writeTextFile(extensions, `subjectAltName=DNS:${name}\n`);
  const what = ["-subj", `/CN=${name}`, "-keyout", made.key, "-out", request];
  await must(["openssl", "req", ...NEW_KEY, ...what]);
  if (years !== undefined) {
    const config = `${folder}/authority.conf`;
    await Deno.writeTextFile(
      config,
      `[ca]\ndefault_ca = it\n[it]\ndatabase = ${folder}/index\nnew_certs_dir = ${folder}\nserial = ${folder}/serial\n` +
        "default_md = sha256\npolicy = any\n[any]\ncommonName = supplied\n",
    );
    await Deno.writeTextFile(`${folder}/index`, "");
    const [from, to] = years.map((year) => `${year}0101000000Z`);
    const signer = ["-batch", "-notext", "-create_serial", "-cert", by.crt, "-keyfile", by.key];
    const time = ["-startdate", from!, "-enddate", to!];
    const files = ["-extfile", extensions, "-in", request, "-out", made.crt];
    await must(["openssl", "ca", "-config", config, ...signer, ...time, ...files]);
    return made;
  }
  const signer = ["-CA", by.crt, "-CAkey", by.key, "-CAcreateserial"];
  const to = ["-days", "2", "-extfile", extensions, "-in", request, "-out", made.crt];
  await must(["openssl", "x509", "-req", ...signer, ...to]);
  return made;
}

function files(folder: string, name: string): Certificate {
  return { crt: `${folder}/${name}.crt`, key: `${folder}/${name}.key` };
}
