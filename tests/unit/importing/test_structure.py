"""The structure of small graphs: what a person would write for them."""

from __future__ import annotations

from typing import Any

import yaml

from flowgen.importing.workflow import import_machine
from flowgen.pipeline import check_text


class _Loader(yaml.SafeLoader):
    """Reads CloudFormation tags as their text."""


_Loader.add_multi_constructor("!", lambda loader, suffix, node: f"!{suffix} {loader.construct_scalar(node)}")


def imported(states: dict[str, Any], start: str = "A") -> Any:
    """The workflow of a machine, which passes the check."""
    text = import_machine({"QueryLanguage": "JSONata", "StartAt": start, "States": states}, "machine").text
    assert [one for one in check_text(text) if one.severity == "error"] == []
    document = yaml.load(text, _Loader)  # noqa: S506 - a safe loader
    assert isinstance(document, dict)
    if document.pop("defaults", None) == {"retry": 0}:
        document = _with_defaults(document)
    return document


def _with_defaults(value: Any) -> Any:
    """The document with the common retry in each call."""
    if isinstance(value, list):
        return [_with_defaults(one) for one in value]
    if not isinstance(value, dict):
        return value
    made = {key: _with_defaults(one) for key, one in value.items()}
    return {"retry": 0, **made} if "call" in made else made


def task(name: str, **fields: Any) -> dict[str, Any]:
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Arguments": {"FunctionName": name, "Payload": {"of": name}},
        **fields,
    }


def call(name: str, **fields: Any) -> dict[str, Any]:
    return {"id": name, "call": name, "with": {"of": name}, "retry": 0, **fields}


def test_sequence() -> None:
    """States in a row are steps in a row; a variable is the value of its step."""
    found = imported(
        {
            "Get Order": task("get", Assign={"order": "{% $states.result.Payload %}"}, Next="Nap"),
            "Nap": {"Type": "Wait", "Seconds": 5400, "Next": "Done"},
            "Done": {"Type": "Succeed", "Output": {"id": "{% $order.id %}"}},
        },
        "Get Order",
    )
    assert found["steps"] == [
        {"id": "get_order", "call": "get", "with": {"of": "get"}, "retry": 0},
        {"id": "nap", "wait": "1h30m"},
        {"id": "done", "set": {"id": "${ $get_order.id }"}},
    ]
    assert found["functions"] == {"get": {"arn": "get"}}


def choice(*rules: tuple[str, str], default: str | None) -> dict[str, Any]:
    made: dict[str, Any] = {
        "Type": "Choice",
        "Choices": [{"Condition": f"{{% {condition} %}}", "Next": after} for condition, after in rules],
    }
    return made if default is None else {**made, "Default": default}


SIZE = "$states.context.Execution.Input.size"


def test_if() -> None:
    """One state that is skipped is a step with `if`."""
    found = imported({
        "A": choice((f"{SIZE} > 1", "B"), default="C"),
        "B": task("b", Next="C"),
        "C": {"Type": "Succeed", "Output": {"done": True}},
    })  # fmt: skip
    assert found["steps"] == [{**call("b"), "if": "$input.size > 1"}, {"id": "c", "set": {"done": True}}]


def test_guard() -> None:
    """What follows a failing branch is not nested in an `else`."""
    found = imported({
        "A": choice((f"{SIZE} > 9", "Large"), default="B"),
        "Large": {"Type": "Fail", "Error": "TooLarge"},
        "B": task("b", Next="C"),
        "C": task("c", Next="D"),
        "D": task("d", Next="E"),
        "E": {"Type": "Succeed", "Output": {"done": True}},
    })  # fmt: skip
    assert [step["id"] for step in found["steps"]] == ["large", "b", "c", "d", "e"]
    assert found["steps"][0] == {"id": "large", "if": "$input.size > 9", "fail": {"error": "TooLarge"}}


def test_match_has_the_value_of_its_branches() -> None:
    """Rules that compare one value are a `match`, and a variable that each branch assigns is its value."""
    value = {"Assign": {"price": "{% $states.result.Payload %}"}, "Next": "End"}
    found = imported({
        "A": choice((f"{SIZE} = 'S'", "B"), (f"{SIZE} = 'M'", "C"), default="D"),
        "B": task("b", **value),
        "C": task("c", **value),
        "D": {"Type": "Fail", "Error": "NoSize"},
        "End": {"Type": "Succeed", "Output": "{% $price %}"},
    })  # fmt: skip
    assert found["steps"] == [
        {
            "id": "a",
            "match": "$input.size",
            "cases": {"S": [call("b")], "M": [call("c")]},
            "else": [{"id": "d", "fail": {"error": "NoSize"}}],
        },
        {"id": "end", "set": "${ $a }"},
    ]


def test_catch_replaces_the_value() -> None:
    """A variable that a task or its handler assigns is the task's value."""
    found = imported({
        "A": task(
            "a",
            Assign={"price": "{% $states.result.Payload %}"},
            Catch=[{"ErrorEquals": ["NoPrice"], "Next": "Default"}],
            Next="End",
        ),
        "Default": {"Type": "Pass", "Assign": {"price": 3}, "Next": "End"},
        "End": {"Type": "Succeed", "Output": "{% $price %}"},
    })  # fmt: skip
    assert found["steps"] == [
        call("a", catch=[{"errors": ["NoPrice"], "steps": [{"id": "default", "set": 3}]}]),
        {"id": "end", "set": "${ $a }"},
    ]
    assert found["functions"] == {"a": {"arn": "a", "errors": ["NoPrice"]}}


def test_polling() -> None:
    """A Wait state in front of a loop that a condition ends is `every` with `first: wait`."""
    found = imported({
        "A": {"Type": "Wait", "Seconds": 30, "Next": "Ask"},
        "Ask": task("ask", Assign={"job": "{% $states.result.Payload %}"}, Next="Ready"),
        "Ready": choice(("$job.ready", "End"), default="A"),
        "End": {"Type": "Succeed", "Output": "{% $job %}"},
    })  # fmt: skip
    (loop, end) = found["steps"]
    assert loop["repeat"] == {"every": "30s", "first": "wait", "until": "$ask.ready", "max": "unlimited"}
    assert loop["steps"] == [call("ask")]
    assert end == {"id": "end", "set": "${ $ask }"}


def test_shared_handler() -> None:
    """A chain that several catchers enter and that ends the execution is a handler."""
    catch = [{"ErrorEquals": ["States.ALL"], "Assign": {"error_": "{% $states.errorOutput %}"}, "Next": "Tell"}]
    found = imported({
        "A": task("a", Catch=catch, Next="B"),
        "B": task("b", Catch=catch, Next="End"),
        "End": {"Type": "Succeed", "Output": {"done": True}},
        "Tell": task("tell", Assign={"told": "{% $states.result.Payload %}"}, Next="Failed"),
        "Failed": {"Type": "Fail", "Error": "Failed", "Cause": "{% $error_.Cause %}"},
    })  # fmt: skip
    assert found["handlers"] == {
        "tell_2": [call("tell"), {"id": "failed", "fail": {"error": "Failed", "cause": "${ $error.Cause }"}}]
    }
    assert [step.get("catch") for step in found["steps"]] == [[{"errors": ["any"], "handler": "tell_2"}]] * 2 + [None]


def test_parallel_and_for_each() -> None:
    """Branches have the names of what they do; results are read by name; the item of a loop has a name."""
    branch = {"StartAt": "P", "States": {"P": task("p", Output="{% $states.result.Payload %}", End=True)}}
    other = {"StartAt": "Q", "States": {"Q": task("q", Output="{% $states.result.Payload %}", End=True)}}
    body = {
        "StartAt": "Pack",
        "States": {
            "Pack": {
                **task("pack", Output="{% $states.result.Payload %}", End=True),
                "Arguments": {"FunctionName": "pack", "Payload": {"line": "{% $states.input %}"}},
            }
        },
    }
    found = imported({
        "A": {
            "Type": "Parallel",
            "Branches": [branch, other],
            "Assign": {"both": "{% $states.result %}"},
            "Next": "Lines",
        },
        "Lines": {
            "Type": "Map",
            "Items": "{% $both[0].lines %}",
            "ItemProcessor": body,
            "Assign": {"packed": "{% $states.result %}"},
            "Next": "End",
        },
        "End": {"Type": "Succeed", "Output": {"packed": "{% $packed %}"}},
    })  # fmt: skip
    parallel, both, lines, end = found["steps"]
    assert parallel == {"id": "a", "parallel": {"p": [call("p")], "q": [call("q")]}}
    assert both == {"id": "both", "set": ["${ $a.p }", "${ $a.q }"]}
    assert lines == {
        "id": "lines",
        "for_each": "$both[0].lines",
        "as": "lines_item",
        "steps": [{"id": "pack", "call": "pack", "with": {"line": "${ $lines_item }"}, "retry": 0}],
    }
    assert end == {"id": "end", "set": {"packed": "${ $lines }"}}


def test_jump_out_of_two_branches_is_a_break() -> None:
    """A state that is entered past others follows a group, which a `break` leaves."""
    found = imported({
        "A": choice((f"{SIZE} > 1", "B"), default="D"),
        "B": choice((f"{SIZE} = 2", "C"), default="E"),
        "C": task("c", Next="D"),
        "D": task("d", Next="E"),
        "E": {"Type": "Succeed", "Output": {"done": True}},
    })  # fmt: skip
    group, end = found["steps"]
    assert end == {"id": "e", "set": {"done": True}}
    assert group["steps"][-1] == call("d")
    assert "break" in str(group)


def test_result_of_a_parallel_state_is_a_list() -> None:
    """A Parallel state that ends the machine returns a list, and the step an object of branches."""
    branches = [
        {"StartAt": name, "States": {name: task(name.lower(), Output="{% $states.result.Payload %}", End=True)}}
        for name in ("P", "Q")
    ]
    found = imported({"A": {"Type": "Parallel", "Branches": branches, "End": True}})
    assert found["steps"][-1] == {"id": "a_result", "set": ["${ $a.p }", "${ $a.q }"]}


def test_copy_of_a_variable_needs_no_step() -> None:
    """A variable that copies another one, which has the same value wherever it is read, has its text."""
    found = imported({
        "A": task("a", Assign={"order": "{% $states.result.Payload %}"}, Next="B"),
        "B": {"Type": "Pass", "Assign": {"id": "{% $order %}"}, "Next": "C"},
        "C": {"Type": "Succeed", "Output": "{% $id %}"},
    })  # fmt: skip
    assert found["steps"] == [call("a"), {"id": "c", "set": "${ $a }"}]


def test_copy_of_a_variable_that_changes_keeps_its_step() -> None:
    """A variable keeps its own value if the one that it copies is assigned again before it is read."""
    found = imported({
        "A": task("a", Assign={"job": "{% $states.result.Payload %}"}, Next="Keep"),
        "Keep": {"Type": "Pass", "Assign": {"last": "{% $job %}"}, "Next": "B"},
        "B": task("b", Assign={"job": "{% $states.result.Payload %}"}, Next="Same"),
        "Same": choice(("$job = $last", "End"), default="Keep"),
        "End": {"Type": "Succeed", "Output": {"done": True}},
    })  # fmt: skip
    first, loop, _ = found["steps"]
    assert first == call("a")
    assert [step["id"] for step in loop["steps"]] == ["last", "b"]
    assert loop["repeat"]["until"] == "$b = $last"
    assert loop["steps"][0]["set"] == "${ ($exists($b) ? $b : $a) }"


def test_variable_that_several_rounds_assign_stays_one() -> None:
    """If the earlier of two assignments may be the newer one, the variable stays a variable."""
    text = import_machine(
        {
            "QueryLanguage": "JSONata",
            "StartAt": "Low",
            "States": {
                "Low": task("low", Assign={"v": "{% $states.result.Payload %}"}, Next="More"),
                "More": choice(("$v > 1", "High"), default="End"),
                "High": task("high", Assign={"v": "{% $states.result.Payload %}"}, Next="Again"),
                "Again": choice(("$v > 2", "Low"), default="End"),
                "End": {"Type": "Succeed", "Output": "{% $v %}"},
            },
        },
        "machine",
    )
    assert text.left
    assert 'v: "{% $low %}"' in text.text


def test_common_retry_is_a_default() -> None:
    """The retry of most calls is written once."""
    retry = [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 2}]
    text = import_machine(
        {
            "QueryLanguage": "JSONata",
            "StartAt": "A",
            "States": {"A": task("a", Retry=retry, Next="B"), "B": task("b", Retry=retry, Output=1, End=True)},
        },
        "machine",
    ).text
    assert "defaults:\n  retry: {errors: [any], attempts: 2}\n" in text
    assert text.count("attempts") == 1


def test_same_text_each_time() -> None:
    """The text of a workflow does not depend on the order of sets."""
    states = {
        "A": choice((f"{SIZE} = 'S'", "B"), (f"{SIZE} = 'M'", "C"), default="D"),
        "B": task("b", Assign={"x": 1, "y": "{% $states.result.Payload.y %}"}, Next="D"),
        "C": task("c", Assign={"x": 2, "y": "{% $states.result.Payload.y %}"}, Next="D"),
        "D": {"Type": "Succeed", "Output": "{% [$x, $y] %}"},
    }
    made = {import_machine({"QueryLanguage": "JSONata", "StartAt": "A", "States": states}, "m").text for _ in range(3)}
    assert len(made) == 1


def test_steps_after_a_task_are_not_for_its_handler() -> None:
    """What keeps the result of a task does not run after its handler."""
    states = {
        "A": task(
            "a",
            Assign={"total": "{% $states.result.Payload.cents / 100 %}"},
            Catch=[{"ErrorEquals": ["NoPrice"], "Next": "Tell"}],
            Next="End",
        ),
        "Tell": task("tell", Assign={"total": 0}, Next="End"),
        "End": {"Type": "Succeed", "Output": "{% $total %}"},
    }
    text = import_machine({"QueryLanguage": "JSONata", "StartAt": "A", "States": states}, "machine").text
    group, _ = yaml.safe_load(text)["steps"]
    assert [step["id"] for step in group["steps"]] == ["a", "total"]
    assert [step["id"] for step in group["catch"][0]["steps"]] == ["tell", "total_2"]


def test_variables_of_asl_steps_keep_names_that_start_like_the_context() -> None:
    """Only `$context` itself is AWS's `$states.context` in an `asl` step."""
    text = import_machine(
        {
            "QueryLanguage": "JSONata",
            "StartAt": "Low",
            "States": {
                "Low": task("low", Assign={"context_id": "{% $states.result.Payload %}"}, Next="Set"),
                "Set": {"Type": "Pass", "Assign": {"v": "{% $context_id + 1 %}"}, "Next": "More"},
                "More": choice(("$v > 1", "High"), default="End"),
                "High": {"Type": "Pass", "Assign": {"v": "{% $v & $states.context.Execution.Id %}"}, "Next": "Again"},
                "Again": choice(("$v > 2", "Low"), default="End"),
                "End": {"Type": "Succeed", "Output": "{% $v %}"},
            },
        },
        "machine",
    ).text
    assert "{% $v & $states.context.Execution.Id %}" in text
    assert "{% $low + 1 %}" in text
    assert "$states.context_" not in text


def test_input_of_a_batch() -> None:
    """A body that reads its whole input gets the items of its batch and what they share, as in the state machine."""
    body = {
        "StartAt": "Pack",
        "States": {
            "Pack": {
                **task("pack", End=True),
                "Arguments": {"FunctionName": "pack", "Payload": "{% $states.input %}"},
                "Output": "{% $states.result.Payload %}",
            }
        },
    }
    found = imported({
        "A": {
            "Type": "Map",
            "Items": "{% $states.context.Execution.Input.lines %}",
            "ItemBatcher": {"MaxItemsPerBatch": 10, "BatchInput": {"bucket": "b"}},
            "ItemProcessor": {**body, "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}},
            "End": True,
        }
    })  # fmt: skip
    (loop,) = found["steps"]
    assert loop["batch"] == {"items": 10, "with": {"bucket": "b"}}
    assert loop["steps"][0]["with"] == "${ {'Items': $a_item, 'BatchInput': $batch} }"
