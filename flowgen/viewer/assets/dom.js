// Builds elements. Strings become text nodes, never HTML.

/** An element with attributes (`onclick` and the like are listeners) and children; null and false are left out. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

const MARKS = {
  succeeded: "✓",
  failed: "✕",
  caught: "↷",
  running: "●",
  halted: "■",
  waiting: "○",
};

/** How people read a status of a state or of an execution. */
export function statusName(status) {
  return status === "waiting" ? "not reached" : status.toLowerCase().replaceAll("_", " ");
}

/** The class of a status: that of a state, for the status of an execution, too. */
export function statusClass(status) {
  const names = { timed_out: "failed", aborted: "halted" };
  const name = status.toLowerCase();
  return names[name] ?? name;
}

/** A mark for a status; with `word`, also its name. Screen readers read the name in both cases. */
export function statusMark(status, word = false) {
  const name = statusName(status);
  return h(
    "span",
    { class: `status status-${statusClass(status)}`, title: name },
    h("span", { "aria-hidden": "true", class: "mark" }, MARKS[statusClass(status)] ?? "○"),
    h("span", { class: word ? "word" : "only-read" }, word ? name : `${name} `),
  );
}
