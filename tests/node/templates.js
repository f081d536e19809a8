// Parses Terraform's templates with its own parser: a JSON list on stdin, one JSON object each on stdout:
// {"error"} or {"parts": [the source of plain text, or an object for an expression], "references", "functions"}.
"use strict";

const fs = require("fs");
const { getExpressionAst } = require("@cdktn/hcl2json");

function walk(node, found) {
  if (node.type === "scopeTraversal") found.references.push(node.meta.value);
  if (node.type === "function") found.functions.push(node.meta.name);
  for (const child of node.children || []) walk(child, found);
}

async function parse(template) {
  const found = { references: [], functions: [] };
  let tree;
  try {
    tree = await getExpressionAst("t.tf", `<<END_OF_TEMPLATE\n${template}\nEND_OF_TEMPLATE\n`);
  } catch (error) {
    return { error: String(error) };
  }
  walk(tree, found);
  const parts = tree.type === "template" ? tree.children : [tree];
  return { ...found, parts: parts.map((part) => (part.type === "literalValue" ? part.meta.value : { type: part.type })) };
}

(async () => {
  for (const template of JSON.parse(fs.readFileSync(0, "utf-8"))) console.log(JSON.stringify(await parse(template)));
})();
