// The page of `flowgen serve`: the address after `#` selects what it shows.

import { h } from "./dom.js";
import { executionsView, machinesView } from "./executions.js";
import { showMachine } from "./machine.js";
import { showExecution } from "./execution.js";

const root = h("div");
const problem = h("p", { class: "problem is-bad banner", role: "alert" });
problem.hidden = true;
document.getElementById("page").append(problem, root);
let shown = { stop: () => {} };

function failed(error) {
  problem.hidden = error === null;
  if (error !== null) {
    problem.textContent = error.code ? `${error.code}: ${error.message}` : "The server does not respond. Is it still running?";
  }
}

function showOverview() {
  const machines = machinesView();
  const executions = executionsView({ showMachines: machines.show, failed });
  root.replaceChildren(
    h("header", { class: "run-head" }, h("h1", {}, "Step Functions on this machine")),
    h("main", { class: "overview" }, machines.element, executions.element),
  );
  return executions;
}

function show() {
  shown.stop();
  failed(null);
  const [, kind, name = ""] = window.location.hash.split("/");
  const arn = name.replace(/%3A/gi, ":");
  document.title = `${arn.split(":").at(-1) || "Step Functions"} · flowgen serve`;
  if (kind === "machine") shown = showMachine(root, arn, failed);
  else if (kind === "execution") shown = showExecution(root, arn, failed);
  else shown = showOverview();
  window.scrollTo(0, 0);
}

window.addEventListener("hashchange", show);
show();
