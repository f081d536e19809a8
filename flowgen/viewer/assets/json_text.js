// The JSON text of values.

/** The JSON text of a value; null if the value is nested too deeply for one. */
export function jsonText(value, indent = 0) {
  try {
    return JSON.stringify(value, null, indent);
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** The value of a JSON text. Integers that JavaScript's numbers cannot represent keep their digits, where supported. */
export function parseJson(text) {
  if (!JSON.rawJSON || !/\d{16}/.test(text)) return JSON.parse(text);
  return JSON.parse(text, (_key, value, context) =>
    typeof value === "number" && !Number.isSafeInteger(value) && /^-?\d+$/.test(context?.source ?? "")
      ? JSON.rawJSON(context.source)
      : value,
  );
}
