// Holds state machines against npm's asl-validator: paths in, one JSON object a path out: {"path", "errors": […]}.
"use strict";

const fs = require("fs");
const validate = require("asl-validator");

for (const path of process.argv.slice(2)) {
  const result = validate(JSON.parse(fs.readFileSync(path, "utf-8")));
  const errors = result.errors.map((error) => error.Message || error.message || JSON.stringify(error));
  console.log(JSON.stringify({ path, errors: result.isValid ? [] : errors }));
}
