// Parses the Mermaid files given as arguments; prints the name and the error of each that is invalid.
import { readFileSync } from "node:fs";

import { JSDOM } from "jsdom";

globalThis.window = new JSDOM("").window;
globalThis.document = globalThis.window.document;
const { default: mermaid } = await import("mermaid");
// The limits of GitHub are the defaults.
mermaid.initialize({ startOnLoad: false, securityLevel: "strict" });
for (const file of process.argv.slice(2)) {
  try {
    await mermaid.parse(readFileSync(file, "utf8"));
  } catch (error) {
    console.log(`${file}: ${error}`);
  }
}
