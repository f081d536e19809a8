"""What a call inside of loops says of its round: each call has its own key, and each try of it has the same."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

from flowgen.asl.writing import to_json
from flowgen.backends.python.support.runtime import StepContext
from flowgen.compile import compile_workflow
from flowgen.diagnostics import Sink
from flowgen.local import execute
from flowgen.model import read_workflow
from flowgen.source import read

HEAD = """flowgen: 1
name: loops
functions:
  work: {input: any, output: any, retry: {attempts: 2, errors: [any]}}
  far: {input: any, output: any, arn: "arn:aws:lambda:eu-west-1:111111111111:function:far"}
steps:
"""


def machine(steps: str) -> dict[str, Any]:
    sink = Sink()
    root = read("w.yaml", HEAD + steps, sink)
    workflow = None if root is None else read_workflow(root, sink)
    assert workflow is not None, list(sink)
    return to_json(compile_workflow(workflow))


def contexts(steps: str, *, fails: bool = False) -> list[dict[str, Any]]:
    """The contexts that `work` is called with; each first try fails if it `fails`."""
    seen: list[dict[str, Any]] = []

    def work(event: Any) -> Any:
        context = event["context"]
        seen.append(context)
        if fails and context["attempt"] == 1:
            raise OSError
        return event["input"]

    far = "arn:aws:lambda:eu-west-1:111111111111:function:far"
    execution = execute(machine(steps), {}, tasks={"${WorkFunction}": work, far: lambda event: event})
    assert execution.status == "SUCCEEDED", execution.cause
    return seen


def key(context: dict[str, Any]) -> str:
    fields = {**context, "started_at": datetime.fromisoformat(context["started_at"])}
    return StepContext(**fields | {"iteration": tuple(context.get("iteration", ()))}).idempotency_key


def rounds(steps: str) -> list[tuple[str, Any]]:
    return [(context["step"], context.get("iteration")) for context in contexts(steps)]


NESTED = """
  - {id: before, call: work, with: 1}
  - id: outer
    for_each: "${ ['a', 'a'] }"
    as: o
    steps:
      - id: inner
        for_each: "${ ['b', 'b'] }"
        as: i
        steps:
          - {id: first, call: work, with: 1}
          - {id: then, call: work, with: 1}
      - id: poll
        repeat: {with: 0, as: n, until: "$n = 2", max: 5}
        steps:
          - {id: ask, call: work, with: 1}
          - {id: more, set: "${ $n + 1 }"}
"""


def test_each_loop_around_has_its_number() -> None:
    """From the outermost to the innermost; outside of loops there is none."""
    seen = rounds(NESTED)
    assert seen[0] == ("before", None)
    assert sorted(seen[1:]) == sorted(
        [(step, [o, i]) for o in (0, 1) for i in (0, 1) for step in ("first", "then")]
        + [("ask", [o, n]) for o in (0, 1) for n in (0, 1)]
    )


def test_each_call_has_its_key_and_each_try_the_same() -> None:
    """The input of all of them is the same."""
    tries = Counter(key(context) for context in contexts(NESTED, fails=True))
    assert len(tries) == 1 + 8 + 4
    assert set(tries.values()) == {2}


def test_rounds_count_from_zero_wherever_the_condition_is() -> None:
    """A loop that asks first counts as one that asks last, and one without a bound as one with."""
    for kind in ('until: "$n = 3"', 'while: "$n < 3"'):
        for most in ("9", "unlimited"):
            steps = f"""
  - id: poll
    repeat: {{with: 0, as: n, {kind}, max: {most}}}
    steps:
      - {{id: ask, call: work, with: 1}}
      - {{id: more, set: "${{ $n + 1 }}"}}
"""
            assert rounds(steps) == [("ask", [0]), ("ask", [1]), ("ask", [2])]


def test_branches_handlers_and_groups_keep_the_round() -> None:
    """What is inside of something else in a body belongs to the same item."""
    steps = """
  - id: every
    for_each: "${ [1, 1] }"
    as: n
    steps:
      - id: group
        steps:
          - {id: first, call: work}
          - id: both
            parallel:
              one: [{id: left, call: work, with: 1}]
              two: [{id: right, call: work, with: 1}]
          - {id: wrong, fail: {error: Wrong, cause: told}}
        catch:
          - errors: [Wrong]
            steps: [{id: last, call: work, with: 1}]
"""
    assert sorted(rounds(steps)) == sorted((step, [n]) for step in ("first", "left", "right", "last") for n in (0, 1))


def test_a_condition_in_front_keeps_the_index() -> None:
    """The state that decides whether a body starts with a call binds what the call needs."""
    steps = """
  - id: every
    for_each: "${ [1, 1] }"
    as: n
    steps:
      - {id: maybe, call: work, if: $n = 1}
"""
    assert rounds(steps) == [("maybe", [0]), ("maybe", [1])]


def test_nothing_is_handed_in_where_nobody_asks() -> None:
    """A body without a call that tells where it is, or whose calls are their own executions, stays as it was."""
    bare = machine("""
  - id: every
    for_each: "${ [1, 1] }"
    as: n
    steps: [{id: call, call: far}]
  - id: poll
    repeat: {until: "$ask = 1", max: unlimited}
    steps: [{id: ask, call: far, with: 1}]
  - id: apart
    for_each: "${ [1, 1] }"
    as: m
    mode: distributed
    steps: [{id: alone, call: work}]
""")
    assert "ItemSelector" not in bare["States"]["every"]
    assert "ItemSelector" not in bare["States"]["apart"]
    assert "poll__count" not in str(bare)
    [alone] = bare["States"]["apart"]["ItemProcessor"]["States"].values()
    assert "iteration" not in alone["Arguments"]["Payload"]["context"]


def test_executions_of_a_distributed_loop_have_their_own_ids() -> None:
    """Which is what tells their calls apart; what loops inside of one is counted."""
    seen = contexts("""
  - id: apart
    for_each: "${ [1, 1] }"
    as: m
    mode: distributed
    steps:
      - {id: alone, call: work}
      - id: every
        for_each: "${ [1, 1] }"
        as: n
        steps: [{id: inside, call: work}]
""")
    assert len({key(context) for context in seen}) == 6
    assert sorted(tuple(context["iteration"]) for context in seen if context["step"] == "inside") == [
        (0,),
        (0,),
        (1,),
        (1,),
    ]
