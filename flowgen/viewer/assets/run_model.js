// The visits of a run, and what is known about them at each event. No DOM.

/**
 * A run of a document, with its visits. Each visit has the numbers of its events: `entered`, `left` and `halted` (null
 * if it was not), its `attempts`, the visits inside it, and the threads (branches, iterations) that these belong to.
 */
export function readRun(document, index) {
  const run = document.runs[index];
  const visits = [];
  const roots = [];
  run.events.forEach((event, position) => {
    const number = position + 1;
    if (event.type.endsWith("StateEntered")) {
      const parent = event.parent === null ? null : visits[event.parent];
      visits[event.visit] = newVisit(event, number, parent);
      (parent === null ? roots : parent.inside).push(visits[event.visit]);
    }
    const visit = event.visit === null ? undefined : visits[event.visit];
    if (visit !== undefined) happen(visit, event, number);
  });
  const last = run.events.at(-1);
  const end = run.status !== "RUNNING" && last?.type.startsWith("Execution") ? run.events.length : null;
  return { ...run, index, visits, roots, end, document };
}

function newVisit(event, number, parent) {
  return {
    index: event.visit,
    name: event.name,
    kind: event.type.slice(0, -"StateEntered".length),
    label: event.label,
    parent,
    depth: parent === null ? 0 : parent.depth + 1,
    inside: [],
    entered: number,
    began: event.time,
    left: null,
    ended: null,
    halted: null,
    caught: false,
    input: event.input,
    output: null,
    parameters: null,
    result: null,
    variables: null,
    attempts: [],
    problem: null,
    length: null,
    runs: [],
    last: number,
  };
}

const SCHEDULED = new Set(["TaskScheduled", "LambdaFunctionScheduled", "ActivityScheduled"]);
const STARTS = new Set(["MapStateStarted", "ParallelStateStarted", "MapRunRedriven"]);
const ATTEMPT_ENDED = /^(Task|LambdaFunction|Activity)(Succeeded|Failed|TimedOut)$/;

function happen(visit, event, number) {
  visit.last = number;
  if (SCHEDULED.has(event.type) || STARTS.has(event.type)) visit.problem = null; // that of the attempt before
  if (event.runs) visit.runs.push(...event.runs.filter((run) => !visit.runs.includes(run)));
  if (event.type.endsWith("StateExited")) {
    Object.assign(visit, { left: number, ended: event.time, output: event.output, caught: event.caught === true });
    visit.variables = event.variables ?? null;
  } else if (event.type.endsWith("StateAborted")) {
    visit.halted = number;
  } else if (SCHEDULED.has(event.type)) {
    const sent = event.parameters ?? event.input ?? null;
    visit.attempts.push({ began: event.time, from: number, ended: null, error: null, cause: null });
    visit.parameters = sent;
  } else if (ATTEMPT_ENDED.test(event.type)) {
    const attempt = visit.attempts.at(-1);
    const { error = null, cause = null } = event.details ?? {};
    if (attempt) Object.assign(attempt, { ended: event.time, to: number, error, cause });
    if (event.output !== undefined) visit.result = event.output;
  } else if (event.type === "MapStateStarted") {
    visit.length = event.details?.length || null;
  } else if (event.details?.error !== undefined) {
    visit.problem = { error: event.details.error, cause: event.details.cause ?? null, from: number };
  }
}

/** The status of a visit after event `now`: waiting, running, succeeded, caught, failed or halted. */
export function statusOf(run, visit, now) {
  if (now < visit.entered) return "waiting";
  if (visit.left !== null && visit.left <= now) return visit.caught ? "caught" : "succeeded";
  if (visit.kind === "Fail") return "failed";
  if (visit.kind === "Succeed") return "succeeded";
  if (visit.halted !== null && visit.halted <= now) return "halted";
  for (let outer = visit.parent; outer !== null; outer = outer.parent) {
    if (outer.left !== null && outer.left <= now) return "failed";
  }
  if (run.end === null || now < run.end) return "running";
  return run.status === "ABORTED" ? "halted" : "failed";
}

const WORST = ["waiting", "succeeded", "halted", "caught", "running", "failed"];

/** The worse of two statuses. */
export function worse(one, other) {
  return WORST.indexOf(one) >= WORST.indexOf(other) ? one : other;
}

/** By name of a state: its status after event `now`, how often it was entered, and its retries. */
export function statesAt(run, now, inScope = () => true) {
  const states = new Map();
  for (const visit of run.visits) {
    if (visit.entered > now || !inScope(visit)) continue;
    const found = states.get(visit.name) ?? { status: "waiting", visits: 0, retries: 0, last: visit };
    found.status = worse(found.status, statusOf(run, visit, now));
    found.visits += 1;
    found.retries += Math.max(visit.attempts.filter((attempt) => attempt.from <= now).length - 1, 0);
    found.last = visit;
    states.set(visit.name, found);
  }
  return states;
}

/** The last error of a visit, `{error, cause}`, or null. */
export function failureOf(visit) {
  if (visit.problem !== null) return visit.problem;
  const last = visit.attempts.at(-1);
  return last && last.error !== null ? last : null;
}

/** The variables that a visit can read, as a map from names to values: those of its thread, and of those around it. */
export function variablesBefore(run, visit) {
  const known = visit.parent === null ? new Map() : variablesBefore(run, visit.parent);
  for (const other of visit.parent === null ? run.roots : visit.parent.inside) {
    if (other === visit) break;
    if (other.label === visit.label && other.left !== null) assign(known, other);
  }
  return known;
}

/** The variables after a visit. */
export function variablesAfter(run, visit) {
  const known = variablesBefore(run, visit);
  assign(known, visit);
  return known;
}

function assign(known, visit) {
  for (const [name, value] of Object.entries(visit.variables ?? {})) known.set(name, value);
}

/** The visit before this one in the same thread, or null. */
export function visitBefore(run, visit) {
  let found = null;
  for (const other of visit.parent === null ? run.roots : visit.parent.inside) {
    if (other === visit) return found;
    if (other.label === visit.label) found = other;
  }
  return found;
}

/** The visit of event `now`, or of the nearest event before it that has one; null at the start. */
export function visitAt(run, now) {
  for (let number = Math.min(now, run.events.length); number > 0; number -= 1) {
    const { visit } = run.events[number - 1];
    if (visit !== null) return run.visits[visit];
  }
  return null;
}

/** The event that shows how a visit ended: its last one. */
export function endOf(visit) {
  return visit.left ?? visit.last;
}

/** The threads inside a visit, `{label, visits}`, in their order. */
export function threadsOf(visit) {
  const threads = new Map();
  for (const inner of visit.inside) {
    if (!threads.has(inner.label)) threads.set(inner.label, []);
    threads.get(inner.label).push(inner);
  }
  return [...threads].map(([label, visits]) => ({ label, visits }));
}

/** Where a visit is: `lines #3 › parcel branch 1`. */
export function pathOf(visit) {
  const parts = [];
  for (let inner = visit; inner.parent !== null; inner = inner.parent) parts.unshift(`${inner.parent.name} ${inner.label}`);
  return parts.join(" › ");
}

/** Whether a visit is in a thread, `{visit, label}`; null is the whole run. */
export function isIn(visit, scope) {
  if (scope === null) return true;
  for (let inner = visit; inner !== null; inner = inner.parent) {
    if (inner.parent === scope.visit && inner.label === scope.label) return true;
  }
  return false;
}
