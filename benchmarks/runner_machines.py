"""The state machines of the runner's benchmark, in both query languages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

JSON = Any


@dataclass(frozen=True, slots=True)
class Case:
    """A state machine, an input, the expected output, and the number of states that it enters."""

    name: str
    language: str
    definition: dict[str, JSON]
    input: JSON
    output: JSON
    entered: int


def passes(language: str, count: int = 100) -> Case:
    """A sequence of Pass states that pass on their input."""
    states = {
        f"S{number}": {"Type": "Pass", **({"Next": f"S{number + 1}"} if number < count - 1 else {"End": True})}
        for number in range(count)
    }
    definition = {"QueryLanguage": language, "StartAt": "S0", "States": states}
    return Case(f"{count} Pass states", language, definition, {"n": 1}, {"n": 1}, count)


def loop(language: str, rounds: int = 500) -> Case:
    """A counter that a Pass state increments until a Choice state ends the loop."""
    if language == "JSONata":
        rule: dict[str, JSON] = {"Condition": f"{{% $states.input.n < {rounds} %}}", "Next": "Add"}
        raised: dict[str, JSON] = {"Output": {"n": "{% $states.input.n + 1 %}"}}
    else:
        rule = {"Variable": "$.n", "NumericLessThan": rounds, "Next": "Add"}
        raised = {"Parameters": {"n.$": "States.MathAdd($.n, 1)"}}
    states = {
        "More": {"Type": "Choice", "Choices": [rule], "Default": "Done"},
        "Add": {"Type": "Pass", **raised, "Next": "More"},
        "Done": {"Type": "Succeed"},
    }
    definition = {"QueryLanguage": language, "StartAt": "More", "States": states}
    name = f"Choice loop of {rounds} rounds"
    return Case(name, language, definition, {"n": 0}, {"n": rounds}, 2 * rounds + 2)


def mapping(language: str, items: int = 1_000) -> Case:
    """A Map state over an array, one Pass state in its body."""
    if language == "JSONata":
        fields: dict[str, JSON] = {"Items": "{% $states.input.items %}"}
        body: dict[str, JSON] = {"Type": "Pass", "Output": "{% $states.input.n %}", "End": True}
    else:
        fields = {"ItemsPath": "$.items"}
        body = {"Type": "Pass", "OutputPath": "$.n", "End": True}
    processor = {"StartAt": "Item", "States": {"Item": body}}
    states = {"Each": {"Type": "Map", **fields, "ItemProcessor": processor, "End": True}}
    definition = {"QueryLanguage": language, "StartAt": "Each", "States": states}
    given = {"items": [{"n": number} for number in range(items)]}
    return Case(f"Map of {items:,} items", language, definition, given, list(range(items)), items + 1)


def compared() -> list[Case]:
    """All cases."""
    return [make(language) for make in (passes, loop, mapping) for language in ("JSONPath", "JSONata")]


def wide_map(items: int, *, distributed: bool) -> dict[str, JSON]:
    """A Map state over numbers that it generates, because an input cannot contain so many."""
    processor: dict[str, JSON] = {"StartAt": "Item", "States": {"Item": {"Type": "Pass", "Output": 0, "End": True}}}
    if distributed:
        processor["ProcessorConfig"] = {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"}
    each = {"Type": "Map", "Items": f"{{% [1..{items}] %}}", "ItemProcessor": processor, "End": True}
    return {"QueryLanguage": "JSONata", "StartAt": "Each", "States": {"Each": each}}


def endless_loop() -> dict[str, JSON]:
    """A loop that only the limit on events ends."""
    states = {
        "Add": {"Type": "Pass", "Output": {"n": "{% $states.input.n + 1 %}"}, "Next": "Again"},
        "Again": {"Type": "Choice", "Choices": [{"Condition": "{% $states.input.n > 0 %}", "Next": "Add"}]},
    }
    return {"QueryLanguage": "JSONata", "StartAt": "Add", "States": states}


def many_waits(waits: int, seconds: int) -> dict[str, JSON]:
    """A loop of `waits` waits of `seconds` seconds."""
    more = {"Condition": f"{{% $n < {waits} %}}", "Next": "Rest"}
    states = {
        "First": {"Type": "Pass", "Assign": {"n": 0}, "Next": "Rest"},
        "Rest": {"Type": "Wait", "Seconds": seconds, "Assign": {"n": "{% $n + 1 %}"}, "Next": "More"},
        "More": {"Type": "Choice", "Choices": [more], "Default": "Done"},
        "Done": {"Type": "Succeed"},
    }
    return {"QueryLanguage": "JSONata", "StartAt": "First", "States": states}


def many_retries(tasks: int, retries: int) -> dict[str, JSON]:
    """Tasks that always fail, each retried `retries` times in its own execution."""
    retrier = {"ErrorEquals": ["Busy"], "IntervalSeconds": 60, "BackoffRate": 1, "MaxAttempts": retries}
    arn = "arn:aws:lambda:us-east-1:111111111111:function:busy"
    call = {"Type": "Task", "Resource": arn, "Retry": [retrier], "End": True}
    processor = {"ProcessorConfig": {"Mode": "DISTRIBUTED"}, "StartAt": "Call", "States": {"Call": call}}
    each = {
        "Type": "Map",
        "Items": f"{{% [1..{tasks}] %}}",
        "ItemProcessor": processor,
        "ToleratedFailurePercentage": 100,
        "End": True,
    }
    return {"QueryLanguage": "JSONata", "StartAt": "Each", "States": {"Each": each}}
