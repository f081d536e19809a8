// One document on the page: the executions, the timeline, the states, the steps and events, and the current step.

import { h, statusMark, statusName } from "./dom.js";
import { inWords, moment } from "./time.js";
import { endOf, isIn, pathOf, readRun, statesAt, statusOf, visitAt } from "./run_model.js";
import { jsonView } from "./json_view.js";
import { virtualList } from "./virtual_list.js";
import { statesView } from "./states.js";
import { sourceView } from "./source.js";
import { details, errorView } from "./details.js";

const ROW = 30;

/**
 * Shows a document in `root`. `actions` returns elements to show next to the title of a run. Returns `{update}`, which
 * shows a newer version of the same document and keeps the position, unless the end was shown.
 */
export function showDocument(root, document, { actions = () => [] } = {}) {
  const view = {
    run: readRun(document, document.shown),
    now: 0,
    scope: null,
    listed: "steps",
    filter: "",
    closed: new Set(["Arguments", "Result", "Event"]),
    comparison: "own",
    pinned: null,
    openRun,
    openThread,
    pin(visit) {
      view.pinned = view.pinned === visit ? null : visit;
      view.comparison = view.pinned === null ? "own" : "pinned";
      show();
    },
    compare(name) {
      view.comparison = name;
      show();
    },
  };
  let rows = [];
  let states = null;
  let drawn = null;

  const head = h("header", { class: "run-head" });
  const slider = h("input", { type: "range", min: "0", step: "1", "aria-label": "Time" });
  const momentText = h("p", { class: "moment", "aria-live": "polite" });
  const timeline = h(
    "section",
    { class: "timeline", "aria-label": "Time" },
    tool("First event", "|◀", () => go(1)),
    tool("Previous step", "◀", () => goStep(-1)),
    slider,
    tool("Next step", "▶", () => goStep(1)),
    tool("Last event", "▶|", () => go(view.run.events.length)),
    momentText,
    h("p", { class: "note keys" }, "← → event, Shift + ← → step"),
  );
  const statesPanel = h("section", { class: "panel states-panel", "aria-labelledby": "states-title" });
  const list = virtualList({ label: "Steps", height: ROW, row, choose });
  const filter = h("input", { type: "search", placeholder: "Filter", "aria-label": "Filter steps and events" });
  const nothing = h("p", { class: "note" }, "Nothing matches.");
  const kinds = h("fieldset", { class: "kinds" }, h("legend", { class: "only-read" }, "Show"));
  for (const [name, text] of [["steps", "Steps"], ["events", "Events"]]) {
    const choice = h("input", { type: "radio", name: "listed", value: name, checked: name === view.listed });
    choice.addEventListener("change", () => {
      view.listed = name;
      list.element.setAttribute("aria-label", text);
      collect();
      show();
    });
    kinds.append(h("label", {}, choice, h("span", {}, text)));
  }
  const scopeLine = h("p", { class: "scope" });
  const listPanel = h(
    "section",
    { class: "panel list-panel", "aria-label": "Steps and events" },
    h("div", { class: "tools" }, kinds, filter),
    scopeLine,
    list.element,
    nothing,
  );
  const detailsPanel = h("section", { class: "panel details-panel", "aria-labelledby": "step-title" });
  let source = sourceView(document.sources);

  slider.addEventListener("input", () => go(Number(slider.value)));
  filter.addEventListener("input", () => {
    view.filter = filter.value.trim().toLowerCase();
    collect();
    show();
  });

  function tool(label, mark, action) {
    return h("button", { type: "button", "aria-label": label, title: label, onclick: action }, mark);
  }

  function openRun(index) {
    view.run = readRun(view.run.document, index);
    view.scope = null;
    view.pinned = null;
    view.comparison = "own";
    drawRun();
    goToEnd();
  }

  function openThread(scope) {
    view.scope = scope;
    collect();
    drawScope();
    if (scope === null) return show();
    const first = rows.find((item) => view.listed === "events" || item.label === scope.label) ?? null;
    if (first === null) return show();
    return go(view.listed === "events" ? first : endOf(first));
  }

  function goToEnd() {
    const { run } = view;
    const focus = run.focus === null || run.focus === undefined ? undefined : run.visits[run.focus];
    view.shownVisit = focus;
    go(run.events.length, focus);
  }

  /** Move to an event. `visit` is the step to show there, by default that of the event. */
  function go(number, visit = undefined) {
    view.now = Math.min(Math.max(number, Math.min(1, view.run.events.length)), view.run.events.length);
    view.shownVisit = visit;
    show();
  }

  function current() {
    return view.shownVisit ?? visitAt(view.run, view.now);
  }

  /** Move to the end of the step before or after the current one. */
  function goStep(direction) {
    const visits = view.run.visits.filter((visit) => isIn(visit, view.scope));
    const at = visits.indexOf(current());
    const next = visits[at + direction];
    if (next !== undefined) go(endOf(next), next);
  }

  function choose(index) {
    const item = rows[index];
    if (item === undefined) return;
    if (view.listed === "events") go(item);
    else go(endOf(item), item);
  }

  function chooseState(name) {
    const found = view.run.visits.filter((visit) => visit.name === name && isIn(visit, view.scope));
    const reached = found.filter((visit) => visit.entered <= view.now);
    const visit = reached.at(-1) ?? found[0];
    if (visit !== undefined) go(endOf(visit), visit);
    else source.show(machine().states[name]);
  }

  function machine() {
    return view.run.document.machines[view.run.machine];
  }

  /** The rows of the list: visits, or numbers of events. */
  function collect() {
    const { run, scope, filter: text } = view;
    if (view.listed === "steps") {
      const fits = (visit) =>
        `${visit.name} ${visit.kind} ${visit.label} ${statusName(statusOf(run, visit, run.events.length))}`;
      rows = run.visits.filter((visit) => isIn(visit, scope) && (!text || fits(visit).toLowerCase().includes(text)));
      return;
    }
    rows = [];
    run.events.forEach((event, position) => {
      const visit = event.visit === null ? null : run.visits[event.visit];
      if (scope !== null && (visit === null || !isIn(visit, scope))) return;
      if (text && !`${event.type} ${visit?.name ?? ""}`.toLowerCase().includes(text)) return;
      rows.push(position + 1);
    });
  }

  function row(index) {
    return view.listed === "events" ? eventRow(rows[index]) : stepRow(rows[index]);
  }

  function stepRow(visit) {
    const depth = Math.min(visit.depth - (view.scope === null ? 0 : view.scope.visit.depth + 1), 8);
    const indent = h("span", { class: "indent" });
    indent.style.width = `${depth * 14}px`;
    return [
      indent,
      statusMark(statusOf(view.run, visit, view.now)),
      h("span", { class: "name" }, visit.name),
      visit.label && h("span", { class: "note" }, visit.label),
      visit.attempts.length > 1 && h("span", { class: "note" }, `${visit.attempts.length} attempts`),
      h("span", { class: "time" }, inWords(visit.began)),
    ];
  }

  function eventRow(number) {
    const event = view.run.events[number - 1];
    const visit = event.visit === null ? null : view.run.visits[event.visit];
    return [
      h("span", { class: "number" }, String(number)),
      h("span", { class: number <= view.now ? "name" : "name later" }, event.type),
      visit && h("span", { class: "note" }, visit.name),
      h("span", { class: "time" }, inWords(event.time)),
    ];
  }

  function drawRun() {
    const { run } = view;
    const { runs, values, title } = run.document;
    const select = h(
      "select",
      { onchange: (event) => openRun(Number(event.target.value)) },
      runs.map((one, index) =>
        h("option", { value: index, selected: index === run.index }, `${"– ".repeat(depthOf(runs, one))}${one.name} (${statusName(one.status)})`),
      ),
    );
    const failed = run.error !== null || run.cause !== null;
    head.replaceChildren(
      h(
        "div",
        { class: "title" },
        h("h1", {}, title),
        statusMark(run.status, true),
        runs.length > 1 && h("label", { class: "runs" }, "Execution ", select),
        actions(run),
      ),
      h(
        "dl",
        { class: "facts" },
        runs.length > 1 && h("div", {}, h("dt", {}, "name"), h("dd", {}, run.name)),
        h("div", {}, h("dt", {}, "started"), h("dd", {}, moment(run.start, run.began))),
        run.status !== "RUNNING" && h("div", {}, h("dt", {}, "took"), h("dd", {}, inWords(run.elapsed))),
        h("div", {}, h("dt", {}, "events"), h("dd", {}, run.events.length.toLocaleString("en"))),
      ),
      ...(failed ? [errorView(run, true)] : []),
      h(
        "div",
        { class: "ends" },
        h("details", {}, h("summary", {}, "Input of the execution"), jsonView(values[run.input], "Input of the execution")),
        run.output !== null &&
          h("details", {}, h("summary", {}, "Output of the execution"), jsonView(values[run.output], "Output of the execution")),
      ),
    );
    if (states === null || drawn.name !== machine().name || drawn.diagram !== machine().diagram) {
      drawn = machine();
      states = statesView(drawn, chooseState);
      statesPanel.replaceChildren(h("h2", { id: "states-title" }, drawn.name), ...states.elements);
    }
    slider.max = String(run.events.length);
    collect();
    drawScope();
  }

  function drawScope() {
    scopeLine.hidden = view.scope === null;
    if (view.scope === null) return;
    const { visit, label } = view.scope;
    const path = [pathOf(visit), `${visit.name} ${label}`].filter(Boolean).join(" › ");
    const all = h("button", { type: "button", onclick: () => openThread(null) }, "Show all");
    scopeLine.replaceChildren(h("span", {}, "Only ", h("strong", {}, path)), all);
  }

  function show() {
    const { run, now, scope } = view;
    const visit = current();
    const event = run.events[now - 1] ?? null;
    slider.value = String(now);
    const words = event === null ? "no events" : `event ${now} of ${run.events.length}: ${event.type}`;
    const where = event === null ? "" : ` · ${event.visit === null ? "" : `${run.visits[event.visit].name} · `}${inWords(event.time)}`;
    momentText.textContent = `${words}${where}`;
    slider.setAttribute("aria-valuetext", `${words}${where}`);
    states.show(statesAt(run, now, (one) => isIn(one, scope)), visit?.name ?? null);
    list.show(rows.length, view.listed === "events" ? rows.indexOf(now) : rows.indexOf(visit));
    nothing.hidden = rows.length > 0;
    source.show(visit === null ? undefined : machine().states[visit.name]);
    if (visit === null) {
      detailsPanel.replaceChildren(h("h2", { id: "step-title" }, "No step"), h("p", {}, "The execution has not entered a state."));
    } else {
      detailsPanel.replaceChildren(...details(view, visit, event).flat(Infinity).filter((child) => child instanceof Node));
    }
  }

  root.replaceChildren(
    head,
    timeline,
    h("main", { class: "run" }, statesPanel, h("div", { class: "column" }, listPanel, source.element), detailsPanel),
  );
  window.document.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey || !root.isConnected) return;
    if (event.target instanceof Element && event.target.closest("input, select, textarea, pre, .source, .table")) return;
    const direction = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (direction === undefined) return;
    event.preventDefault();
    if (event.shiftKey) goStep(direction);
    else go(view.now + direction);
  });
  drawRun();
  goToEnd();

  function update(newer) {
    const following = view.now === view.run.events.length;
    view.run = readRun(newer, Math.min(view.run.index, newer.runs.length - 1));
    if (view.scope !== null) view.scope = { ...view.scope, visit: view.run.visits[view.scope.visit.index] };
    if (view.pinned !== null) view.pinned = view.run.visits[view.pinned.index];
    if (view.shownVisit) view.shownVisit = view.run.visits[view.shownVisit.index];
    drawRun();
    if (following) goToEnd();
    else show();
  }

  return { update };
}

function depthOf(runs, run) {
  let depth = 0;
  for (let one = run; one.parent !== null && one.parent !== undefined; one = runs[one.parent.run]) depth += 1;
  return depth;
}
