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
