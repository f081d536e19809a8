// Drives a server of `flowgen serve` with the AWS SDK for JavaScript v3 and prints what it answered as JSON.
// Usage: node step_functions.mjs URL

import {
  CreateActivityCommand,
  CreateStateMachineCommand,
  DeleteStateMachineCommand,
  DescribeExecutionCommand,
  DescribeStateMachineCommand,
  GetActivityTaskCommand,
  ListExecutionsCommand,
  SendTaskSuccessCommand,
  SFNClient,
  StartExecutionCommand,
  StartSyncExecutionCommand,
  StopExecutionCommand,
  TestStateCommand,
  paginateGetExecutionHistory,
  paginateListStateMachines,
} from "@aws-sdk/client-sfn";

const client = new SFNClient({
  endpoint: process.argv[2],
  region: "us-east-1",
  credentials: { accessKeyId: "local", secretAccessKey: "local" },
  disableHostPrefix: true, // otherwise StartSyncExecution and TestState go to the host sync-127.0.0.1
});
const send = (command) => client.send(command);
const roleArn = "arn:aws:iam::123456789012:role/machine";

async function finished(executionArn) {
  for (;;) {
    const found = await send(new DescribeExecutionCommand({ executionArn }));
    if (found.status !== "RUNNING") return found;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

async function refusal(command) {
  try {
    await send(command);
  } catch (error) {
    return { name: error.name, message: error.message, status: error.$metadata.httpStatusCode };
  }
  return null;
}

async function create(name, states, type = "STANDARD") {
  const definition = JSON.stringify({ QueryLanguage: "JSONata", StartAt: Object.keys(states)[0], States: states });
  return (await send(new CreateStateMachineCommand({ name, definition, roleArn, type }))).stateMachineArn;
}

const answers = {};

// A day passes at once, and the history comes in pages.
const wait = { Type: "Wait", Seconds: 86400, Next: "Double" };
const double = { Type: "Pass", Output: "{% {'n': $states.input.n * 2, 'text': 'é✓'} %}", End: true };
const machine = await create("Waits", { Wait: wait, Double: double });
const { executionArn, startDate } = await send(
  new StartExecutionCommand({ stateMachineArn: machine, name: "first", input: '{"n": 21}' }),
);
const waited = await finished(executionArn);
answers.waited = {
  status: waited.status,
  output: JSON.parse(waited.output),
  started: startDate instanceof Date && waited.startDate.getTime() === startDate.getTime(),
  seconds: (waited.stopDate - waited.startDate) / 1000,
};
answers.pages = [];
for await (const page of paginateGetExecutionHistory({ client, pageSize: 3 }, { executionArn })) {
  answers.pages.push(page.events.map((event) => event.type));
}

// An activity's worker answers.
const { activityArn } = await send(new CreateActivityCommand({ name: "review" }));
const review = { Type: "Task", Resource: activityArn, Arguments: { order: 5 }, End: true };
const reviews = await create("Reviews", { Review: review });
const reviewed = await send(new StartExecutionCommand({ stateMachineArn: reviews }));
const task = await send(new GetActivityTaskCommand({ activityArn, workerName: "worker" }));
await send(new SendTaskSuccessCommand({ taskToken: task.taskToken, output: '{"approved": true}' }));
answers.activity = { input: JSON.parse(task.input), output: JSON.parse((await finished(reviewed.executionArn)).output) };

// Express machines answer in the same request.
const express = await create("Express", { Double: double }, "EXPRESS");
const sync = await send(new StartSyncExecutionCommand({ stateMachineArn: express, input: '{"n": 4}' }));
answers.sync = { status: sync.status, output: JSON.parse(sync.output) };

const tested = await send(new TestStateCommand({ definition: JSON.stringify({ ...double, QueryLanguage: "JSONata" }), roleArn, input: '{"n": 1}' }));
answers.tested = { status: tested.status, output: JSON.parse(tested.output) };

// One that waits for its worker is stopped.
const stuck = await send(new StartExecutionCommand({ stateMachineArn: reviews, name: "stuck" }));
const again = await send(new StartExecutionCommand({ stateMachineArn: reviews, name: "stuck" }));
answers.idempotent = again.executionArn === stuck.executionArn;
await send(new StopExecutionCommand({ executionArn: stuck.executionArn, error: "Cancelled", cause: "by the customer" }));
const stopped = await finished(stuck.executionArn);
answers.stopped = { status: stopped.status, error: stopped.error, cause: stopped.cause };
const aborted = await send(new ListExecutionsCommand({ stateMachineArn: reviews, statusFilter: "ABORTED" }));
answers.aborted = aborted.executions.map((one) => one.name);

answers.machines = [];
for await (const page of paginateListStateMachines({ client, pageSize: 2 }, {})) {
  answers.machines.push(page.stateMachines.map((one) => one.name).sort());
}
answers.refusals = [
  await refusal(new DescribeStateMachineCommand({ stateMachineArn: machine.replace("Waits", "Missing") })),
  await refusal(new StartExecutionCommand({ stateMachineArn: machine, name: "first", input: '{"n": 21}' })),
  await refusal(new StartExecutionCommand({ stateMachineArn: machine, input: "{" })),
  await refusal(new CreateStateMachineCommand({ name: "Broken", definition: '{"StartAt": "A"}', roleArn })),
  await refusal(new SendTaskSuccessCommand({ taskToken: task.taskToken, output: "{}" })),
  await refusal(new DescribeStateMachineCommand({ stateMachineArn: "machine" })),
];
await send(new DeleteStateMachineCommand({ stateMachineArn: express }));
console.log(JSON.stringify(answers));
