/** What a column of a file can hold. */
export type Field =
  | "address"
  | "first"
  | "last"
  | "asn"
  | "asn_name"
  | "country"
  | "registry"
  | "kind"
  | "label"
  | "reports"
  | "enrichment"
  | "as_of"
  | "shasum"
  | "malicious"
  | "source"
  | "state";

/** A row by what its columns hold; where two columns hold the same, the name that stands first below counts. */
export type Fields = Partial<Record<Field, unknown>>;

/** The names of a column, the better ones first. Letters are taken as small ones, blanks, dots and dashes as `_`. */
const names: Record<Field, readonly string[]> = {
  address: "ip ip_address ipaddress address addr src_ip source_ip network cidr prefix subnet range".split(
    " ",
  ),
  first: "first range_start start_ip ip_start start first_ip ip_from from start_address first_address".split(
    " ",
  ),
  last: "last range_end end_ip ip_end end last_ip ip_to to end_address last_address".split(" "),
  asn: "asn current_asn as_number asnumber autonomous_system_number asn_number as_num as".split(" "),
  asn_name: [
    ..."asn_name as_name asname autonomous_system_organization as_organization as_org".split(" "),
    ..."organization_name organization organisation org isp name".split(" "),
  ],
  country: [
    ..."country_code country_iso_code country_iso geo_country country iso_code".split(" "),
    ..."ascountry organization_country cc".split(" "),
  ],
  registry: "registry rir_registry rir".split(" "),
  kind: "asn_type as_type kind".split(" "),
  label: "ip_type label type connection_type usage_type user_type category".split(" "),
  reports: "dshield_reports reports report_count count attacks".split(" "),
  enrichment: "enrichment enrichment_json".split(" "),
  as_of: [
    ..."enriched_at enrichment_updated_at judged_at vt_last_analysis last_analysis_date vt_scan_date".split(
      " ",
    ),
    ..."scan_date as_of last_updated updated_at date".split(" "),
  ],
  shasum: "shasum sha256 sha256_hash file_hash hash".split(" "),
  malicious: "malicious is_malicious vt_malicious verdict positives vt_positives".split(" "),
  source: "source scanner engine".split(" "),
  state: "enrichment_status".split(" "),
};

const fieldOfName = new Map(
  Object.entries(names).flatMap(([field, known]) =>
    known.map((name, rank) => [name, { field: field as Field, rank }] as const),
  ),
);

/** Which column holds what. */
export type Columns = readonly (Field | null)[];

/** The field that a column's name stands for. */
function namedField(name: string): { field: Field; rank: number } | undefined {
  return fieldOfName.get(plain(name));
}

/** A name in small letters, with `_` between its words: `isMalicious`, `Is Malicious` and `is-malicious` are one. */
function plain(name: string): string {
  return name
    .trim()
    .slice(0, 100)
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .toLowerCase()
    .replace(/[\s.-]+/g, "_");
}

/** What the columns of a header hold; null for those that are not known, and for the worse of two that hold the same. */
export function columnsOf(header: readonly string[]): Columns {
  const ranked = header.map(namedField);
  return ranked.map((named, index) => {
    if (named === undefined) return null;
    const isBeaten = ranked.some(
      (other, at) =>
        other?.field === named.field &&
        (other.rank < named.rank || (other.rank === named.rank && at < index)),
    );
    return isBeaten ? null : named.field;
  });
}

/** Whether rows with these columns speak of something. */
export function haveSubject(columns: Columns): boolean {
  const has = (field: Field): boolean => columns.includes(field);
  return has("address") || has("shasum") || (has("first") && has("last")) || has("asn");
}

/** Whether rows with these columns say something of what they speak of. */
export function haveFacts(columns: Columns): boolean {
  const subjects: readonly (Field | null)[] = [
    "address",
    "first",
    "last",
    "shasum",
    "as_of",
    "source",
    "state",
  ];
  const isAboutNetworks = !columns.includes("address") && !columns.includes("first");
  return columns.some(
    (field) => field !== null && !subjects.includes(field) && !(isAboutNetworks && field === "asn"),
  );
}

/** The row's values by field. */
export function fieldsOfCells(cells: readonly string[], columns: Columns): Fields {
  const fields: Fields = {};
  for (let index = 0; index < columns.length; index++) {
    const field = columns[index];
    const cell = cells[index];
    if (field !== null && field !== undefined && cell !== undefined && cell !== "") fields[field] = cell;
  }
  return fields;
}

/** The values of an object by field. */
export function fieldsOfObject(object: Readonly<Record<string, unknown>>): Fields {
  const fields: Fields = {};
  const ranks = new Map<Field, number>();
  for (const [name, value] of Object.entries(object)) {
    const named = value === null ? undefined : namedField(name);
    if (named === undefined || (ranks.get(named.field) ?? Infinity) <= named.rank) continue;
    ranks.set(named.field, named.rank);
    fields[named.field] = value;
  }
  return fields;
}

/** Reads `--columns`: names as in a header, `-` for a column that is passed over. Gives the name that is not known as text. */
export function columnsGiven(text: string): Columns | string {
  const given = text.split(",").map((name) => name.trim());
  const unknown = given.find((name) => name !== "-" && namedField(name) === undefined);
  return unknown ?? given.map((name) => (name === "-" ? null : (namedField(name)?.field ?? null)));
}
