// One state machine: its diagram and file, a form that starts it, and its executions.

import { h } from "./dom.js";
import { statesView } from "./states.js";
import { sourceView } from "./source.js";
import { jsonForm } from "./json_form.js";
import { addressOf, executionsView } from "./executions.js";
import { get, perform, problemOf } from "./service.js";

/** Shows a machine in `root`. Returns `{stop}`. */
export function showMachine(root, arn, failed) {
  const name = arn.split(":").at(-1);
  const executions = executionsView({ machine: arn, failed });
  const starting = h("section", { class: "panel", "aria-labelledby": "start-title" }, h("h2", { id: "start-title" }, "Start an execution"));
  const states = h("section", { class: "panel states-panel", "aria-labelledby": "states-title" });
  const column = h("div", { class: "column" }, executions.element);
  root.replaceChildren(
    h(
      "header",
      { class: "run-head" },
      h("div", { class: "title" }, h("a", { href: "#/" }, "State machines"), h("h1", {}, name)),
      h("p", { class: "note" }, arn),
    ),
    h("main", { class: "run" }, states, column, starting),
  );

  async function load() {
    const found = await get("machine", { arn });
    const source = sourceView(found.document.sources);
    const [machine] = found.document.machines;
    const view = statesView(machine, (state) => {
      view.show(new Map(), state);
      source.show(machine.states[state]);
    });
    states.replaceChildren(h("h2", { id: "states-title" }, machine.name), ...view.elements);
    view.show(new Map(), null);
    column.append(source.element);
    source.show(undefined);
    starting.append(startForm(arn, found));
  }

  load().catch(failed);
  return executions;
}

function startForm(arn, found) {
  const name = h("input", { type: "text", id: "execution-name", maxlength: "80", placeholder: "generated" });
  const form = jsonForm({
    label: "Input",
    type: found.input,
    examples: found.examples,
    check: (value) => problemOf(arn, null, value),
    buttons: [{ text: "Start", send }],
  });

  async function send(value, text) {
    const request = { stateMachineArn: arn, input: text };
    if (name.value.trim()) request.name = name.value.trim();
    if (found.type === "EXPRESS") {
      const ended = await perform("StartSyncExecution", request);
      result.replaceChildren(
        h("p", {}, h("strong", {}, ended.status), ended.error ? `: ${ended.error}: ${ended.cause ?? ""}` : ""),
        h("pre", { class: "json", tabindex: "0", role: "region", "aria-label": "Output" }, ended.output ?? ""),
      );
      return;
    }
    const { executionArn } = await perform("StartExecution", request);
    window.location.hash = addressOf("execution", executionArn);
  }

  const result = h("div", { role: "status" });
  return h("div", { class: "start" }, h("label", { for: "execution-name" }, "Name ", name), form, result);
}
