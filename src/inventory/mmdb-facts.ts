import { visible } from "../term.ts";
import type { Fields } from "./columns.ts";
import type { JsonObject } from "./json.ts";

/**
 * What a record of an MMDB file says, as the fields of a row: the shapes of GeoIP2 and GeoLite2 (Country, City, ASN, ISP,
 * Connection-Type, Anonymous-IP, Enterprise), of DB-IP, ip-location-db, iptoasn and IPinfo.
 */
export function fieldsOfRecord(record: JsonObject, type: string): Fields {
  const traits = objectAt(record, "traits");
  const from = (...names: string[]): unknown => firstOf([record, traits], names);
  return present({
    asn: from("autonomous_system_number", "asn", "as_number"),
    asn_name: from(
      "autonomous_system_organization",
      "as_name",
      "as_organization",
      "asname",
      "organization",
      "isp",
    ),
    country: countryOf(record),
    label: labelOf(from),
    enrichment: placeOf(record, type),
  });
}

function countryOf(record: JsonObject): unknown {
  return firstOf([objectAt(record, "country"), record], ["iso_code", "country_code", "country"]);
}

/** What is said first in the rules of ip_type_rules is looked for first. */
function labelOf(from: (...names: string[]) => unknown): unknown {
  if (from("is_anonymous_vpn") === true) return "anonymous_vpn";
  if (from("is_tor_exit_node") === true) return "tor_exit_node";
  if (from("is_hosting_provider") === true) return "hosting_provider";
  return from("user_type", "connection_type", "usage_type");
}

/** Where an address is, of files that know more than its country. */
function placeOf(record: JsonObject, type: string): JsonObject | undefined {
  const location = objectAt(record, "location");
  const subdivision = Array.isArray(record["subdivisions"]) ? objectOf(record["subdivisions"][0]) : {};
  const place = present({
    city: plain(nameOf(record["city"])),
    subdivision: plain(nameOf(subdivision) ?? nameOf(record["region"])),
    latitude: plain(location["latitude"] ?? record["latitude"]),
    longitude: plain(location["longitude"] ?? record["longitude"]),
    accuracy_radius: plain(location["accuracy_radius"]),
    time_zone: plain(location["time_zone"] ?? record["timezone"]),
  });
  return Object.keys(place).length === 0 ? undefined : { mmdb: { database_type: type, ...place } };
}

/** A name, or the English one of several. */
function nameOf(value: unknown): unknown {
  return typeof value === "string" ? value : objectAt(objectOf(value), "names")["en"];
}

/** A number or a text that every engine can store; else undefined. */
function plain(value: unknown): string | number | undefined {
  if (typeof value === "number") return Number.isFinite(value) ? value : undefined;
  return typeof value === "string" && value !== "" ? visible(value) : undefined;
}

/** The first of the names that one of the objects has a text, number or truth for. */
function firstOf(objects: readonly JsonObject[], names: readonly string[]): unknown {
  for (const name of names) {
    for (const object of objects) {
      const value = object[name];
      if (value !== undefined && value !== null && value !== "" && typeof value !== "object") return value;
    }
  }
  return undefined;
}

function objectAt(object: JsonObject, name: string): JsonObject {
  return objectOf(object[name]);
}

function objectOf(value: unknown): JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}

/** Without what is undefined. */
function present(fields: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
