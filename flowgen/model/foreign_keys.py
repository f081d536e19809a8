"""Keys of other workflow languages, and their equivalents in flowgen.

In: a key that an element does not have. Out: what to write, for a help text. Never: an alias for a key.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_WITH = "write `with: {NAME: VALUE}`"
_CATCH = "write `catch: [{errors: [any], steps: […]}]`"
_ORDER = "remove it: steps run in the order of the list; to run some at the same time, use `parallel`"
_VALUE = "remove it: later expressions read the value of the step `fetch` as `${ $fetch }`"
_IF = "write `if: CONDITION`"
_ELSE = "write `else: […]`, a list of steps"
_ATTEMPTS = "write `retry: {attempts: 3}`"
_STEPS = "write `steps: […]`"


def _table(text: Mapping[str, str]) -> Mapping[str, str]:
    return MappingProxyType({key: help_ for keys, help_ in text.items() for key in keys.split()})


IN_STEPS = _table(
    {
        "next goto then_goto depends_on depends dependencies needs after runs_after run_after": _ORDER,
        "end is_end terminal": "remove it: a workflow ends after its last step; to end it earlier, use `return`",
        "args arguments params parameters payload body input inputs kwargs request data": _WITH,
        "on_error on_failure on_exception rescue except catch_all error_handler handle_errors": _CATCH,
        "errors": "errors are declared under the function; here write `catch: [{errors: [NAME], steps: […]}]`",
        "result result_path result_selector output_path input_path save_as register assign_to store": _VALUE,
        "output outputs": _VALUE,
        "when condition only_if unless": _IF,
        "name step_id label": "write `id: NAME`",
        "type kind": "remove it: a key such as `call` determines the kind of a step",
        "retries max_attempts max_retries attempts retry_policy": _ATTEMPTS,
        "timeout_seconds timeout_minutes time_limit": "write `timeout: 30s`",
        "heartbeat_seconds": "write `heartbeat: 30s`",
        "default otherwise fallback": _ELSE,
        "then do iterator item_processor tasks": _STEPS,
        "resource uri arn": "declare the function under `functions` with `arn`, and write `call: NAME`",
        "concurrency max_parallel parallelism": "write `max_concurrency: 10`",
        "item item_name var loop_var": "write `as: NAME`",
        "comment notes": "write `description: …`",
        "in items over foreach": "write `for_each: LIST`",
        "undo rollback compensation": "write `compensate: {call: NAME}`",
    }
)

KINDS_ELSEWHERE = _table(
    {
        "map foreach for loop iterate each with_items for_all parallel_for":
            "write `for_each: LIST`, with `as: NAME` and `steps: […]`",
        "choice condition conditions case cases decision branch then when":
            "write `switch: [{when: CONDITION, steps: […]}]` with `else: […]`; to make one step conditional, use `if`",
        "task function lambda invoke run uses action activity execute handler exec script method operation":
            "write `call: NAME`, the name of a function under `functions`",
        "pass assign let vars variables value transform compute expression result define eval output":
            "write `set: VALUE`",
        "succeed success end finish stop exit done terminate": "write `return: VALUE`",
        "sleep delay pause wait_for timer": "write `wait: 5s`, or `wait: {until: TIMESTAMP}`",
        "raise throw error failure abort": "write `fail: {error: NAME, cause: …}`",
        "try block sequence do group begin scope": "write `steps: […]`, with `catch` next to it",
        "while until do_while for_ever": "write `repeat: {while: CONDITION, max: 10}`, with `steps: […]`",
        "branches fork concurrent all gather join": "write `parallel: {NAME: […], OTHER: […]}`",
        "next goto jump": "remove it: steps run in the order of the list",
        "url request fetch call_http http_request get post rest webhook":
            "write `http: GET https://…`, with `connection: NAME`",
        "state states raw": "write `asl: {Type: …}` for a state in Amazon States Language",
        "subworkflow sub_workflow subflow child child_workflow execution start_execution machine state_machine":
            "write `workflow: NAME`",
        "aws_sdk sdk service integration resource": "write `aws: SERVICE:ACTION`, such as `aws: dynamodb:getItem`",
        "match_on select": "write `match: VALUE`, with `cases: {VALUE: […]}`",
    }
)  # fmt: skip

_ELEMENTS: Mapping[str, Mapping[str, str]] = {
    "a rule of a switch": _table(
        {
            "if condition case test expression value": "write `when: CONDITION`",
            "then do next body": _STEPS,
            "else default otherwise": "write `else: […]` next to `switch`, as a list of steps",
        }
    ),
    "a retry": _table(
        {
            "max_attempts max retries count times limit": "write `attempts: 3`",
            "interval_seconds delay wait initial_interval": "write `interval: 5s`",
            "backoff_rate multiplier factor": "write `backoff: 2`",
            "max_delay max_delay_seconds max_interval_seconds": "write `max_interval: 1m`",
            "error_equals error on exceptions": "write `errors: [NAME]`",
            "jitter_strategy": "write `jitter: true`",
        }
    ),
    "a catch": _table(
        {
            "error_equals error on exceptions except when": "write `errors: [NAME]`; `any` matches every error",
            "next goto": "write `steps: […]`, or `handler: NAME` for steps that several catches share",
            "do then": _STEPS,
            "result_path as": "remove it: `$error` is the caught error in `steps`",
        }
    ),
    "a failure": _table(
        {"message reason description details": "write `cause: …`", "name code type": "write `error: NAME`"}
    ),
    "a `repeat`": _table(
        {
            "times count attempts limit max_attempts max_iterations": "write `max: 10`",
            "interval delay wait sleep": "write `every: 30s`",
            "condition if": "write `until: CONDITION`, or `while: CONDITION`",
        }
    ),
    "a function": _table(
        {
            "code module path entry entrypoint": "write `python: MODULE:FUNCTION`",
            "args arguments params parameters request payload": "write `input: TYPE`",
            "returns return result response": "write `output: TYPE`",
            "raises throws exceptions": "write `errors: {NAME: …}`",
            "env environment_variables vars": "write `environment: {NAME: VALUE}`",
            "resource": "write `arn: …`",
            "memory_size memory_mb ram": "write `memory: 256`",
        }
    ),
    "a workflow": _table(
        {
            "version api_version language": "write `flowgen: 1`",
            "tasks jobs states stages actions flow": "write `steps: […]`",
            "inputs params args arguments": "write `input: TYPE`",
            "result returns": "write `output: TYPE`",
            "schemas models definitions definition components": "write `types: {NAME: …}`",
            "on schedule cron events event": "write `triggers: {NAME: {schedule: …}}`",
            "title id": "write `name: …`",
            "lambdas": "write `functions: {NAME: …}`",
            "start_at start": "remove it: a workflow starts with its first step",
            "env": "write `environment` under `defaults`",
            "vars variables": "write a step `set: {NAME: VALUE}`; for values per deployment use `parameters`",
            "outputs": "write `output: TYPE`",
            "comment": "write `description: …`",
        }
    ),
}  # fmt: skip


def written_here(what: str, key: str) -> str | None:
    """Help for a key of another language in the element `what`."""
    return _ELEMENTS.get(what, {}).get(snake(key))


def in_a_step(key: str) -> str | None:
    """Help for a key of another language in a step."""
    return IN_STEPS.get(snake(key))


def kind_of_step(key: str) -> str | None:
    """Help for a step kind of another language."""
    return KINDS_ELSEWHERE.get(snake(key))


def snake(key: str) -> str:
    """A key in snake case, like flowgen's keys.

    >>> snake("ResultPath"), snake("depends-on")
    ('result_path', 'depends_on')
    """
    return "".join(f"_{one.lower()}" if one.isupper() else one for one in key.replace("-", "_")).lstrip("_")
