// Requests to the server: the page's own JSON, and actions of the Step Functions API.

import { parseJson } from "./json_text.js";

/** An error response: the message is for people, `code` is AWS's. */
export class ServiceError extends Error {
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

/** The JSON at a path below `/_flowgen/`. Raises ServiceError. */
export async function get(path, parameters, signal) {
  const query = new URLSearchParams(Object.entries(parameters).filter(([, value]) => value));
  return read(await fetch(`/_flowgen/${path}?${query}`, { signal }));
}

/** The response of an action of the API, such as `StopExecution`. Raises ServiceError. */
export async function perform(action, request) {
  const headers = { "Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": `AWSStepFunctions.${action}` };
  return read(await fetch("/", { method: "POST", headers, body: JSON.stringify(request) }));
}

/** Why a value does not have its type, or null. `state` is that of a task token, or null for the input. */
export async function problemOf(machine, state, value) {
  const headers = { "Content-Type": "application/json" };
  const body = JSON.stringify({ machine, state, value });
  return (await read(await fetch("/_flowgen/check", { method: "POST", headers, body }))).problem;
}

async function read(response) {
  const found = parseJson(await response.text());
  if (!response.ok) throw new ServiceError(found.__type ?? String(response.status), found.message ?? "The request failed.");
  return found;
}

const RETRY = 2000;

/**
 * Calls `show` with the JSON at a path, again whenever it changes, until `stop` of the returned object is called.
 * `parameters` returns those of the next request. `failed` is called with errors; after one of the network, it tries
 * again.
 */
export function follow(path, parameters, show, failed) {
  const controller = new AbortController();
  let seen = "";
  async function run() {
    while (!controller.signal.aborted) {
      const began = performance.now();
      try {
        const found = await get(path, { ...parameters(), seen }, controller.signal);
        if (controller.signal.aborted) return;
        const same = found.revision === seen;
        seen = found.revision;
        failed(null);
        if (!same) show(found);
      } catch (error) {
        if (controller.signal.aborted) return;
        failed(error);
        if (error instanceof ServiceError) return;
        await pause(RETRY);
      }
      // At most a third of the time goes into showing changes, so that the page stays responsive.
      await pause(Math.max(200, 2 * Math.min(performance.now() - began, 1000)));
    }
  }
  run();
  return { stop: () => controller.abort() };
}

function pause(milliseconds) {
  return new Promise((done) => setTimeout(done, milliseconds));
}
