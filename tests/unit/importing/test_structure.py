"""The structure of small graphs: what a person would write for them."""

from __future__ import annotations

from typing import Any

import yaml

from flowgen.importing.workflow import import_machine
from flowgen.pipeline import check_text


class _Loader(yaml.SafeLoader):
    """Reads CloudFormation tags as their text."""


_Loader.add_multi_constructor("!", lambda loader, suffix, node: f"!{suffix} {loader.construct_scalar(node)}")


def imported(states: dict[str, Any], start: str = "A") -> dict[str, Any]:
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
