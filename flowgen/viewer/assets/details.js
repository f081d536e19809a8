// What is known about one visit of a state: its values, attempts, errors, and the changes since another step.

import { h, statusMark } from "./dom.js";
import { inWords, moment } from "./time.js";
import { failureOf, pathOf, statusOf, threadsOf, variablesAfter, variablesBefore, visitBefore } from "./run_model.js";
import { changes } from "./changes.js";
import { brief, jsonView } from "./json_view.js";

const MOST_THREADS = 100;

/**
 * The details of a visit after event `now`. `view` has `run`, `now`, `closed` (titles of closed parts), `comparison`
 * ("own", "previous" or "pinned"), `pinned` (a visit or null), and the actions `pin`, `compare`, `openRun`, `openThread`.
 */
export function details(view, visit, event) {
  const { run, now } = view;
  const value = (index) => (index === null || index === undefined ? undefined : run.document.values[index]);
  const status = statusOf(run, visit, now);
  const failure = failureOf(visit);
  const path = pathOf(visit);
  const ended = visit.ended === null || visit.left > now ? null : visit.ended;
  const before = valuesOf(variablesBefore(run, visit), value);
  const own = visit.variables === null ? {} : valuesOf(Object.entries(visit.variables), value);
  return [
    h(
      "header",
      { class: "step-head" },
      h("h2", { id: "step-title" }, visit.name),
      statusMark(status, true),
      h("span", { class: "type" }, visit.kind),
    ),
    path && h("p", { class: "path" }, path),
    h(
      "dl",
      { class: "facts" },
      fact("entered after", h("span", { title: moment(run.start, visit.began) }, inWords(visit.began))),
      ended !== null && fact("took", inWords(ended - visit.began)),
      visit.attempts.length > 1 && fact("attempts", String(visit.attempts.length)),
      visit.length !== null && fact("items", String(visit.length)),
    ),
    failure !== null && failure.from <= now && part(view, "Error", errorView(failure)),
    visit.attempts.length > 1 && part(view, "Attempts", attempts(visit)),
    visit.runs.length > 0 && part(view, "Executions", executions(view, visit)),
    visit.inside.length > 0 && part(view, visit.kind === "Map" ? "Items" : "Branches", threads(view, visit)),
    part(view, "Input", jsonView(value(visit.input), "Input")),
    visit.parameters !== null &&
      visit.parameters !== visit.input &&
      part(view, "Arguments", jsonView(value(visit.parameters), "Arguments")),
    visit.result !== null &&
      visit.result !== visit.output &&
      part(view, "Result", jsonView(value(visit.result), "Result")),
    visit.output !== null && part(view, "Output", jsonView(value(visit.output), "Output")),
    Object.keys(own).length > 0 && part(view, "Variables assigned here", jsonView(own, "Variables assigned here")),
    Object.keys(before).length > 0 && part(view, "Variables", jsonView(before, "Variables")),
    part(view, "Changes", comparison(view, visit, value)),
    event !== null && part(view, "Event", jsonView(eventShown(event, now, value), "Event")),
  ];
}

/** An error with the readable part of its cause, and with its stack trace unless `short`. */
export function errorView({ error, cause }, short = false) {
  const { message, trace } = readCause(cause);
  return h(
    "div",
    { class: "error" },
    h("p", {}, h("strong", {}, error ?? "failed"), message ? ": " : "", message),
    trace && !short && h("pre", { tabindex: "0", role: "region", "aria-label": "Stack trace" }, trace),
  );
}

/** A frame of generated code, which users cannot fix. */
const GENERATED = /File "[^"\n]*[/\\]generated[/\\][^"\n]*", line /;

function readCause(cause) {
  try {
    const parsed = JSON.parse(cause);
    if (typeof parsed?.errorMessage === "string") {
      const all = Array.isArray(parsed.stackTrace) ? parsed.stackTrace.map(String) : [];
      const frames = all.filter((frame) => !GENERATED.test(frame));
      return { message: parsed.errorMessage, trace: frames.map((frame) => frame.trimEnd()).join("\n") };
    }
  } catch {
    // The cause is a string.
  }
  return { message: cause ?? "", trace: "" };
}

function valuesOf(entries, value) {
  return Object.fromEntries([...entries].map(([name, index]) => [name, value(index)]));
}

function fact(name, content) {
  return h("div", {}, h("dt", {}, name), h("dd", {}, content));
}

function part(view, title, ...content) {
  const element = h("details", { open: !view.closed.has(title) }, h("summary", {}, title), content);
  element.addEventListener("toggle", () => (element.open ? view.closed.delete(title) : view.closed.add(title)));
  return element;
}

function attempts(visit) {
  const rows = visit.attempts.map((attempt, index) => {
    const earlier = visit.attempts[index - 1];
    const waited = earlier?.ended == null ? "" : inWords(attempt.began - earlier.ended);
    const outcome = attempt.error ?? (attempt.ended === null ? "running" : "ok");
    const { message } = readCause(attempt.cause);
    return h(
      "tr",
      {},
      h("td", {}, String(index + 1)),
      h("td", {}, inWords(attempt.began)),
      h("td", {}, waited),
      h("td", {}, message ? `${outcome}: ${message}` : outcome),
    );
  });
  return table(["attempt", "after", "waited", "outcome"], rows, "Attempts");
}

function table(names, rows, label) {
  return h(
    "div",
    { class: "table", tabindex: "0", role: "region", "aria-label": label },
    h(
      "table",
      {},
      h("thead", {}, h("tr", {}, names.map((name) => h("th", { scope: "col" }, name)))),
      h("tbody", {}, rows),
    ),
  );
}

function executions(view, visit) {
  return h(
    "ul",
    { class: "links" },
    visit.runs.map((index) => {
      const run = view.run.document.runs[index];
      const open = () => view.openRun(index);
      return h("li", {}, h("button", { type: "button", onclick: open }, statusMark(run.status), run.name));
    }),
  );
}

function threads(view, visit) {
  const all = threadsOf(visit);
  const found = all.map((thread) => ({ ...thread, status: statusOf(view.run, thread.visits.at(-1), view.now) }));
  const shown = found.filter((thread, index) => index < MOST_THREADS || thread.status === "failed");
  const links = (some) =>
    some.map(({ label, status }) => {
      const open = () => view.openThread({ visit, label });
      return h("li", {}, h("button", { type: "button", onclick: open }, statusMark(status), label));
    });
  const list = h("ul", { class: "links" }, links(shown));
  if (shown.length === found.length) return list;
  const more = h("button", { type: "button" }, `Show all ${found.length.toLocaleString("en")}`);
  more.addEventListener("click", () => {
    list.replaceChildren(...links(found));
    more.remove();
  });
  return [list, more];
}

const COMPARISONS = { own: "Input and output", previous: "Previous step and this step", pinned: "Pinned step and this step" };

function comparison(view, visit, value) {
  const { pinned, run } = view;
  const other = view.comparison === "pinned" ? pinned : visitBefore(run, visit);
  const choices = Object.entries(COMPARISONS).filter(([name]) => name !== "pinned" || pinned !== null);
  const select = h(
    "select",
    { onchange: (event) => view.compare(event.target.value) },
    choices.map(([name, text]) => h("option", { value: name, selected: name === view.comparison }, text)),
  );
  const pin = h(
    "button",
    { type: "button", "aria-pressed": pinned === visit ? "true" : "false", onclick: () => view.pin(visit) },
    pinned === visit ? "Unpin this step" : "Pin this step",
  );
  const head = h("div", { class: "tools" }, h("label", {}, "Compare ", select), pin);
  if (view.comparison === "own") {
    if (visit.output === null) return [head, h("p", { class: "note" }, "The step has no output.")];
    return [head, changeTable(value(visit.input), value(visit.output), "Changes from input to output")];
  }
  if (other === null) return [head, h("p", { class: "note" }, "This is the first step.")];
  const sides = [
    ["Input", value(other.input), value(visit.input)],
    ["Output", value(other.output), value(visit.output)],
    ["Variables", valuesOf(variablesAfter(run, other), value), valuesOf(variablesAfter(run, visit), value)],
  ];
  return [
    head,
    h("p", { class: "note" }, `${other.name} → ${visit.name}`),
    sides.map(([name, before, after]) => [h("h3", {}, name), changeTable(before, after, `Changes of the ${name}`)]),
  ];
}

function changeTable(before, after, label) {
  const found = changes(before, after);
  if (found.length === 0) return h("p", { class: "note" }, "No changes.");
  const rows = found.map((change) =>
    h(
      "tr",
      {},
      h("td", {}, h("code", {}, change.path)),
      h("td", { class: "before" }, change.before === undefined ? h("i", {}, "none") : h("code", {}, brief(change.before, 300))),
      h("td", { class: "after" }, change.after === undefined ? h("i", {}, "none") : h("code", {}, brief(change.after, 300))),
    ),
  );
  return table(["path", "before", "after"], rows, label);
}

function eventShown(event, number, value) {
  const { details = {}, type, time, previous } = event;
  const shown = { id: number, type, seconds: time, previousEventId: previous, ...details };
  for (const name of ["input", "output", "parameters"]) if (event[name] !== undefined) shown[name] = value(event[name]);
  if (event.variables !== undefined) shown.variables = valuesOf(Object.entries(event.variables), value);
  return shown;
}
