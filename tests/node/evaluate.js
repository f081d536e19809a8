// Evaluates JSONata expressions with the reference implementation: one JSON object a line in, one a line out.
// In: {"expression", "input" (absent: nothing), "bindings"}. Out: {"value"}, {"nothing": true}, {"function": true} or {"error": code, "message"}.
"use strict";

const crypto = require("crypto");
const readline = require("readline");
const jsonata = require("jsonata");

const ALGORITHMS = { "MD5": "md5", "SHA-1": "sha1", "SHA-256": "sha256", "SHA-384": "sha384", "SHA-512": "sha512" };

// Step Functions' own functions, as measured on AWS (floci-io/floci, issues 2662 and 2676).
function register(expression) {
  expression.registerFunction("partition", (items, size) => {
    if (items === undefined || items.length === 0) return undefined;
    if (size === undefined) return [items];
    const width = Math.trunc(size);
    if (width < 1) throw { code: "D3137" };
    const chunks = [];
    for (let start = 0; start < items.length; start += width) chunks.push(items.slice(start, start + width));
    return chunks;
  }, "<an?:a>");
  expression.registerFunction("range", (first, last, step) => {
    const by = Math.trunc(step);
    if (first === undefined || last === undefined || step === undefined || by === 0) return undefined;
    const numbers = [];
    for (let number = Math.trunc(first); by > 0 ? number <= Math.trunc(last) : number >= Math.trunc(last); number += by) {
      numbers.push(number);
      if (numbers.length > 100000) throw { code: "D2014" };
    }
    return numbers.length > 1 ? numbers : numbers[0];
  }, "<nnn?:x>");
  expression.registerFunction("hash", (text, algorithm) => {
    if (text === undefined || algorithm === undefined) return undefined;
    if (!(algorithm in ALGORITHMS)) throw { code: "D3137" };
    return crypto.createHash(ALGORITHMS[algorithm]).update(text).digest("hex");
  }, "<ss?:s>");
  expression.registerFunction("uuid", () => crypto.randomUUID(), "<:s>");
  expression.registerFunction("random", () => Math.random(), "<n?:n>");
  expression.registerFunction("parse", (text) => (text === undefined ? undefined : JSON.parse(text)), "<s?:x>");
}

// Whether a value holds a function, which no JSON does.
function holdsFunction(value) {
  if (typeof value === "function") return true;
  if (value === null || typeof value !== "object") return false;
  if (value._jsonata_lambda || value._jsonata_function) return true;
  return (Array.isArray(value) ? value : Object.values(value)).some(holdsFunction);
}

// AWS writes numbers that are not finite as strings (floci-io/floci#2737).
function json(value) {
  return JSON.stringify(value, (_, inner) => (typeof inner === "number" && !Number.isFinite(inner) ? String(inner) : inner));
}

async function answer(request) {
  try {
    const expression = jsonata(request.expression);
    register(expression);
    const value = await expression.evaluate(request.input, request.bindings);
    if (value === undefined) return { nothing: true };
    return holdsFunction(value) ? { function: true } : { value };
  } catch (error) {
    return { error: String(error.code || error.message || error), message: String(error.message || error) };
  }
}

async function main() {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    process.stdout.write(json(await answer(JSON.parse(line))) + "\n");
  }
}

main();
