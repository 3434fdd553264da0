const form =
  /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:[.,](\d+))?(?:[Zz]|([+-])(\d\d)(?::?(\d\d))?)?$/;

/**
 * The instant a timestamp means, as 27 characters of UTC, or null where it is no calendar time. Without a zone it is
 * UTC; digits after the sixth are cut; second 60 is the first instant of the next minute, whatever its fraction.
 */
export function momentOf(text: string): string | null {
  const parts = form.exec(text);
  if (parts === null) return null;
  const [year, month, day, hour, minute, second] = parts.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const zoneHour = Number(parts[9] ?? 0);
  const zoneMinute = Number(parts[10] ?? 0);
  if (hour > 23 || minute > 59 || second > 60 || zoneHour > 23 || zoneMinute > 59) return null;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return null;
  const east = (zoneHour * 60 + zoneMinute) * (parts[8] === "-" ? -1 : 1);
  date.setTime(date.getTime() + ((hour * 60 + minute - east) * 60 + second) * 1000);
  if (date.getUTCFullYear() < 1 || date.getUTCFullYear() > 9999) return null;
  const fraction = second === 60 ? "" : (parts[7] ?? "").slice(0, 6);
  return `${date.toISOString().slice(0, 19)}.${fraction.padEnd(6, "0")}Z`;
}

/** The seconds from one such instant to a later one, to the microsecond. */
export function secondsBetween(first: string, last: string): number {
  let seconds = (Date.parse(`${last.slice(0, 19)}Z`) - Date.parse(`${first.slice(0, 19)}Z`)) / 1000;
  let micros = Number(last.slice(20, 26)) - Number(first.slice(20, 26));
  if (micros < 0) {
    seconds -= 1;
    micros += 1_000_000;
  }
  return Number(`${seconds}.${String(micros).padStart(6, "0")}`);
}
