/**
 * Checks lines against the published schemas of which this folder has a part.
 *
 * @module
 */

import ecs from "./ecs.json" with { type: "json" };
import ocsf from "./ocsf.json" with { type: "json" };

/** A value of JSON. */
type Json = string | number | boolean | null | Json[] | { [name: string]: Json };

interface EcsField {
  type: string;
  normalize?: string[];
  allowed_values?: string[];
  expected_values?: string[];
  pattern?: string;
}

const ECS: Readonly<Record<string, EcsField>> = ecs.fields;
const { expected_event_types: EVENT_TYPES } = ecs.fields["event.category"];
/** IPv4 in four numbers, or IPv6 in what `URL` takes. */
const isIp = (text: string) =>
  /^\d{1,3}(\.\d{1,3}){3}$/.test(text) || /:/.test(text) && URL.canParse(`http://[${text}]`);

function isOfEcsType(value: Json, type: string): boolean {
  switch (type) {
    case "date":
      return typeof value === "string" && !Number.isNaN(Date.parse(value));
    case "ip":
      return typeof value === "string" && isIp(value);
    case "long":
      return Number.isSafeInteger(value);
    default:
      return typeof value === "string";
  }
}

function ecsFieldProblem(name: string, value: Json): string | undefined {
  const field = ECS[name];
  if (field === undefined) return `ECS has no field ${name}`;
  const isArray = field.normalize?.includes("array") ?? false;
  if (Array.isArray(value) !== isArray) return `${name} must ${isArray ? "" : "not "}be a list`;
  for (const one of [value].flat()) {
    const allowed = field.allowed_values ?? field.expected_values;
    const isRight = isOfEcsType(one as Json, field.type) &&
      (allowed === undefined || allowed.includes(one as string)) &&
      (field.pattern === undefined || new RegExp(field.pattern).test(one as string));
    if (!isRight) return `${name} cannot be ${JSON.stringify(one)}`;
  }
  return undefined;
}

/** Returns what is wrong with an event of the Elastic Common Schema; `nfscribe` is free. */
export function ecsProblems(event: Record<string, Json>): string[] {
  const problems: string[] = [];
  const walk = (object: Record<string, Json>, path: string) => {
    for (const [name, value] of Object.entries(object)) {
      const full = path + name;
      if (full === "nfscribe") continue;
      if (typeof value === "object" && value !== null && !Array.isArray(value)) {
        if (Object.keys(value).length === 0) problems.push(`${full} is empty`);
        walk(value, `${full}.`);
        continue;
      }
      const problem = ecsFieldProblem(full, value);
      if (problem !== undefined) problems.push(problem);
    }
  };
  walk(event, "");
  const { category = [], type = [] } = (event.event ?? {}) as Record<string, string[]>;
  for (const one of category.includes("network") ? type : []) {
    if (!EVENT_TYPES.network.includes(one)) problems.push(`event.type cannot be ${one}`);
  }
  return problems;
}

interface OcsfAttribute {
  type: string;
  is_array?: boolean;
  required?: boolean;
  enum?: Record<string, string>;
}

const OCSF: Readonly<Record<string, Readonly<Record<string, OcsfAttribute>>>> = ocsf.objects;

/** Checks of OCSF's types (dictionary.json). */
const OCSF_TYPES: Readonly<Record<string, (value: Json) => boolean>> = {
  integer_t: Number.isSafeInteger,
  long_t: Number.isSafeInteger,
  timestamp_t: Number.isSafeInteger,
  port_t: (value) => Number.isSafeInteger(value) && Number(value) >= 0 && Number(value) <= 65535,
  string_t: (value) => typeof value === "string",
  hostname_t: (value) => typeof value === "string",
  ip_t: (value) => typeof value === "string" && isIp(value),
  mac_t: (value) => /^([0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}$/.test(String(value)),
  object: (value) => typeof value === "object" && value !== null,
};

/** Returns what is wrong with an event of the class Network Activity. */
export function ocsfProblems(event: Json): string[] {
  const problems: string[] = [];
  const walk = (value: Json, type: string, path: string) => {
    const attributes = OCSF[type]!;
    const object = value as Record<string, Json>;
    for (const [name, { required }] of Object.entries(attributes)) {
      if (required && !Object.hasOwn(object, name)) problems.push(`${path}${name} is missing`);
    }
    for (const [name, one] of Object.entries(object)) {
      const attribute = attributes[name];
      if (attribute === undefined) {
        problems.push(`OCSF has no ${path}${name}`);
        continue;
      }
      const items = attribute.is_array ? one as Json[] : [one];
      for (const item of items) {
        const check = OCSF_TYPES[attribute.type];
        const isKnown = attribute.enum === undefined || name.endsWith("_uid") ||
          Object.hasOwn(attribute.enum, String(item));
        if (check === undefined) walk(item, attribute.type, `${path}${name}.`);
        else if (!check(item) || !isKnown) {
          problems.push(`${path}${name} cannot be ${JSON.stringify(item)}`);
        }
      }
    }
  };
  walk(event, "network_activity", "");
  const { class_uid, category_uid, activity_id, type_uid, src_endpoint, dst_endpoint } =
    event as Record<string, Json>;
  if (type_uid !== Number(class_uid) * 100 + Number(activity_id)) problems.push("type_uid differs");
  if (class_uid !== 4001 || category_uid !== 4) problems.push("it is not Network Activity");
  // Constraint of the class and of the object: at least one endpoint, which has an address.
  for (const endpoint of [src_endpoint, dst_endpoint] as Record<string, Json>[]) {
    if (endpoint?.ip === undefined) problems.push("an endpoint has no address");
  }
  return problems;
}
