// One execution, live: the run, its actions, and forms for the task tokens that wait for an answer.

import { h } from "./dom.js";
import { showDocument } from "./run_view.js";
import { jsonForm } from "./json_form.js";
import { addressOf } from "./executions.js";
import { follow, perform, problemOf } from "./service.js";

/** Shows an execution in `root`. Returns `{stop}`. */
export function showExecution(root, arn, failed) {
  const machine = h("a", {}, "State machine");
  const problem = h("p", { class: "problem is-bad", role: "alert" });
  problem.hidden = true;
  const stop = action("Stop", "StopExecution");
  const redrive = action("Redrive", "RedriveExecution");
  const waiting = h("div", { class: "waiting" });
  const view = h("div");
  const forms = new Map();
  let shown = null;
  root.replaceChildren(
    h(
      "nav",
      { class: "run-head", "aria-label": "Execution" },
      h("div", { class: "title" }, h("a", { href: "#/" }, "State machines"), machine, h("span", { class: "note" }, arn), stop, redrive),
      problem,
    ),
    waiting,
    view,
  );

  function action(text, name) {
    const button = h("button", { type: "button" }, text);
    button.addEventListener("click", async () => {
      problem.hidden = true;
      try {
        await perform(name, { executionArn: arn });
      } catch (error) {
        problem.textContent = error.code ? `${error.code}: ${error.message}` : error.message;
        problem.hidden = false;
      }
    });
    return button;
  }

  function update(found) {
    machine.textContent = found.document.title;
    machine.href = addressOf("machine", found.machine);
    stop.hidden = !found.can.stop;
    redrive.hidden = found.running || found.document.runs[0].status === "SUCCEEDED";
    redrive.title = found.can.redrive.redriveStatusReason ?? "";
    showForms(found);
    if (shown === null) shown = showDocument(view, found.document);
    else shown.update(found.document);
  }

  function showForms(found) {
    const tokens = new Set(found.waiting.map((one) => one.token));
    for (const [token, form] of forms) {
      if (tokens.has(token)) continue;
      form.remove();
      forms.delete(token);
    }
    for (const one of found.waiting) {
      if (forms.has(one.token)) continue;
      const form = answerForm(found.machine, one);
      forms.set(one.token, form);
      waiting.append(form);
    }
  }

  return follow("execution", () => ({ arn }), update, failed);
}

function answerForm(machine, { token, state, type }) {
  const error = h("input", { type: "text", value: "Refused" });
  const cause = h("input", { type: "text" });
  const form = jsonForm({
    label: "Answer",
    type,
    check: (value) => problemOf(machine, state, value),
    buttons: [
      { text: "Send the answer", send: (_value, text) => perform("SendTaskSuccess", { taskToken: token, output: text }) },
      {
        text: "Fail the task",
        plain: true,
        send: () => perform("SendTaskFailure", { taskToken: token, error: error.value, cause: cause.value }),
      },
    ],
  });
  form.append(
    h("div", { class: "tools" }, h("label", {}, "Error of a failure ", error), h("label", {}, "Cause ", cause)),
  );
  return h(
    "section",
    { class: "panel answer", "aria-label": `Answer ${state}` },
    h("h2", {}, `${state} waits for an answer`),
    form,
  );
}
