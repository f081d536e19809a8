// The differences between two JSON values. No DOM.

import { jsonText } from "./json_text.js";

const MOST = 500;
const DEEPEST = 100;

/**
 * The differences, `{path, before, after}`; a missing side is undefined. At most 500, and members deeper than 100
 * levels are compared as a whole.
 */
export function changes(before, after) {
  const found = [];
  compare(before, after, "", found, 0);
  return found;
}

function compare(before, after, path, found, depth) {
  if (found.length >= MOST || before === after) return;
  if (depth < DEEPEST && isObject(before) && isObject(after)) {
    for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
      compare(own(before, name), own(after, name), `${path}${step(name)}`, found, depth + 1);
    }
  } else if (depth < DEEPEST && Array.isArray(before) && Array.isArray(after)) {
    for (let index = 0; index < Math.max(before.length, after.length); index += 1) {
      compare(before[index], after[index], `${path}[${index}]`, found, depth + 1);
    }
  } else if (jsonText(before) === null || jsonText(before) !== jsonText(after)) {
    found.push({ path: path || "$", before, after });
  }
}

function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !JSON.isRawJSON?.(value);
}

function own(value, name) {
  return Object.hasOwn(value, name) ? value[name] : undefined;
}

function step(name) {
  return /^[A-Za-z_]\w*$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
}
