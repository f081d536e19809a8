// Evaluates JSONata expressions with the reference implementation: one JSON object a line in, one a line out.
// In: {"expression", "input" (absent: nothing), "bindings"}. Out: {"value"}, {"nothing": true}, {"function": true} or {"error": code}.
"use strict";

const crypto = require("crypto");
const readline = require("readline");
const jsonata = require("jsonata");

const ALGORITHMS = { "MD5": "md5", "SHA-1": "sha1", "SHA-256": "sha256", "SHA-384": "sha384", "SHA-512": "sha512" };

// Step Functions' own functions (developer guide, "Transforming data with JSONata in Step Functions").
function register(expression) {
  expression.registerFunction("partition", (items, size) => {
    if (items === undefined) return undefined;
    if (!(size >= 1)) throw { code: "D3137" };
    const chunks = [];
    for (let start = 0; start < items.length; start += Math.floor(size)) chunks.push(items.slice(start, start + Math.floor(size)));
    return chunks;
  }, "<an>");
  expression.registerFunction("range", (first, last, step) => {
    if (first === undefined || last === undefined || !step) throw { code: "D3137" };
    const numbers = [];
    for (let number = Math.floor(first); step > 0 ? number <= last : number >= last; number += Math.floor(step)) {
      numbers.push(number);
      if (numbers.length > 100000) throw { code: "D2014" };
    }
    return numbers;
  }, "<nnn>");
  expression.registerFunction("hash", (text, algorithm) => {
    if (text === undefined) return undefined;
    if (!(algorithm in ALGORITHMS)) throw { code: "D3137" };
    return crypto.createHash(ALGORITHMS[algorithm]).update(text).digest("hex");
  }, "<ss>");
  expression.registerFunction("uuid", () => crypto.randomUUID(), "<:s>");
  expression.registerFunction("parse", (text) => (text === undefined ? undefined : JSON.parse(text)), "<s>");
}

// What no JSON holds: functions and numbers that are none.
function strange(value) {
  if (typeof value === "function") return "function";
  if (typeof value === "number" && !Number.isFinite(value)) return "number";
  if (value === null || typeof value !== "object") return null;
  if (value._jsonata_lambda || value._jsonata_function) return "function";
  const members = Array.isArray(value) ? value : Object.values(value);
  for (const member of members) {
    const found = strange(member);
    if (found) return found;
  }
  return null;
}

async function answer(request) {
  try {
    const expression = jsonata(request.expression);
    register(expression);
    const value = await expression.evaluate(request.input, request.bindings);
    if (value === undefined) return { nothing: true };
    const kind = strange(value);
    if (kind === "function") return { function: true };
    if (kind === "number") return { error: "not finite" };
    return { value };
  } catch (error) {
    return { error: String(error.code || error.message || error) };
  }
}

async function main() {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    process.stdout.write(JSON.stringify(await answer(JSON.parse(line))) + "\n");
  }
}

main();
