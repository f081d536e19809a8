// Runs the machines that it reads from standard input in the npm package `aws-local-stepfunctions`.
// In: [{definition, input}], rounds. Out: for each the seconds of the rounds after the first, and the output.
import { readFileSync } from "node:fs";
import { StateMachine } from "aws-local-stepfunctions";

const { cases, rounds } = JSON.parse(readFileSync(0, "utf8"));
const answers = [];
for (const { definition, input } of cases) {
  const seconds = [];
  let output = null;
  let error = null;
  try {
    const machine = new StateMachine(definition, { validationOptions: { checkArn: false } });
    for (let round = 0; round <= rounds; round += 1) {
      const start = process.hrtime.bigint();
      output = await machine.run(input, { noThrow: false }).result;
      if (round > 0) seconds.push(Number(process.hrtime.bigint() - start) / 1e9);
    }
  } catch (problem) {
    error = String(problem.message ?? problem);
  }
  answers.push({ seconds, output, error });
}
process.stdout.write(JSON.stringify(answers));
