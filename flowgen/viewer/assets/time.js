// Durations in words, as the trace of `flowgen run` has them.

const UNITS = [
  ["d", 86400],
  ["h", 3600],
  ["min", 60],
  ["s", 1],
];

/** A duration in its one or two largest units, hours up to two days: `26 h`, `3 d 4 h`, `1 min 30 s`, `0.25 s`. */
export function inWords(seconds) {
  if (seconds < 60) return `${Number(seconds.toFixed(3))} s`;
  let rest = Math.round(seconds);
  const parts = [];
  for (const [unit, length] of rest >= 2 * 86400 ? UNITS : UNITS.slice(1)) {
    const count = Math.floor(rest / length);
    rest -= count * length;
    if (count) parts.push(`${count} ${unit}`);
  }
  return parts.slice(0, 2).join(" ");
}

/** The moment `seconds` after an ISO 8601 timestamp, as such a timestamp. */
export function moment(start, seconds) {
  return new Date(Date.parse(start) + seconds * 1000).toISOString();
}
