// Lists of state machines and executions, with live updates.

import { h, statusMark, statusName } from "./dom.js";
import { inWords } from "./time.js";
import { virtualList } from "./virtual_list.js";
import { follow } from "./service.js";

const STATUSES = ["RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"];

/** The address of a machine or of an execution in this page. */
export function addressOf(kind, arn) {
  return `#/${kind}/${arn}`;
}

/** The list of executions with its filters; of all machines, or of one. Returns `{element, stop}`. */
export function executionsView({ machine = "", showMachines = () => {}, failed }) {
  let executions = [];
  let selected = -1;
  const filter = { status: "", text: "" };
  const list = virtualList({ label: "Executions", height: 30, row, choose, open });
  const nothing = h("p", { class: "note" }, "No executions.");
  nothing.hidden = true; // until the first answer
  const count = h("span", { class: "note", role: "status" });
  const status = h(
    "select",
    { "aria-label": "Status" },
    h("option", { value: "" }, "any status"),
    STATUSES.map((name) => h("option", { value: name }, statusName(name))),
  );
  const text = h("input", { type: "search", placeholder: "Name", "aria-label": "Name" });
  let following = start();

  function start() {
    return follow("overview", () => ({ machine, ...filter }), update, failed);
  }

  function restart() {
    following.stop();
    following = start();
  }

  status.addEventListener("change", () => {
    filter.status = status.value;
    restart();
  });
  text.addEventListener("input", () => {
    filter.text = text.value.trim();
    restart();
  });

  function update(found) {
    const before = executions[selected]?.arn;
    executions = found.executions;
    selected = before === undefined ? -1 : executions.findIndex((one) => one.arn === before);
    const more = found.total > executions.length ? `, the latest ${executions.length} are shown` : "";
    count.textContent = `${found.total.toLocaleString("en")} ${found.total === 1 ? "execution" : "executions"}${more}`;
    nothing.hidden = executions.length > 0;
    list.show(executions.length, selected);
    showMachines(found.machines);
  }

  function row(index) {
    const one = executions[index];
    return [
      statusMark(one.status),
      h("span", { class: "name" }, one.name),
      machine === "" && h("span", { class: "note" }, one.machine),
      h("span", { class: "time" }, `${one.started.replace("T", " ").slice(0, 19)}${one.took === null ? "" : `, ${inWords(one.took)}`}`),
    ];
  }

  function choose(index) {
    selected = index;
    list.show(executions.length, selected);
  }

  function open(index) {
    window.location.hash = addressOf("execution", executions[index].arn);
  }

  const element = h(
    "section",
    { class: "panel list-panel", "aria-labelledby": "executions-title" },
    h("div", { class: "tools" }, h("h2", { id: "executions-title" }, "Executions"), status, text, count),
    list.element,
    nothing,
  );
  return { element, stop: () => following.stop() };
}

/** The list of machines. Returns `{element, show(machines)}`. */
export function machinesView() {
  const body = h("tbody");
  const nothing = h("p", { class: "note" }, "No state machines. Create one with the API, or serve the folder of a project.");
  nothing.hidden = true; // until the first answer
  const table = h(
    "div",
    { class: "table", tabindex: "0", role: "group", "aria-label": "Table of state machines" },
    h(
      "table",
      {},
      h("thead", {}, h("tr", {}, ["name", "type", "executions"].map((name) => h("th", { scope: "col" }, name)))),
      body,
    ),
  );
  const element = h(
    "section",
    { class: "panel", "aria-labelledby": "machines-title" },
    h("h2", { id: "machines-title" }, "State machines"),
    table,
    nothing,
  );
  let shown = "";

  function show(machines) {
    const text = JSON.stringify(machines);
    if (text === shown) return;
    shown = text;
    nothing.hidden = machines.length > 0;
    table.hidden = machines.length === 0;
    body.replaceChildren(
      ...machines.map((machine) =>
        h(
          "tr",
          {},
          h("td", {}, h("a", { href: addressOf("machine", machine.arn) }, machine.name)),
          h("td", {}, machine.type.toLowerCase()),
          h(
            "td",
            { class: "counts" },
            STATUSES.filter((status) => machine.counts[status]).map((status) =>
              h("span", {}, statusMark(status), machine.counts[status].toLocaleString("en")),
            ),
          ),
        ),
      ),
    );
  }

  return { element, show };
}
