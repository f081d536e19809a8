"""Small state machines, as programs."""

from __future__ import annotations

import json
from typing import Any

from flowgen.running import Program, of_definition

JSON = Any
LAMBDA = "arn:aws:lambda:us-east-1:111111111111:function:"


def program(states: JSON, **fields: JSON) -> Program:
    """The program of a JSONata machine whose states follow one another."""
    names = list(states)
    chained = {
        name: state
        if "Next" in state or "End" in state or state["Type"] in {"Choice", "Fail", "Succeed"}
        else {**state, **_after(names, name)}
        for name, state in states.items()
    }
    text = json.dumps({"QueryLanguage": "JSONata", "StartAt": names[0], "States": chained, **fields}, indent=1)
    made, findings = of_definition("machine", "m.asl.json", text, {})
    assert findings == []
    assert made is not None
    return made


def _after(names: list[str], name: str) -> JSON:
    index = names.index(name) + 1
    return {"Next": names[index]} if index < len(names) else {"End": True}


def function(name: str, **fields: JSON) -> JSON:
    return {"Type": "Task", "Resource": LAMBDA + name, **fields}


def service(action: str, arguments: JSON = None, **fields: JSON) -> JSON:
    return {"Type": "Task", "Resource": f"arn:aws:states:::{action}", "Arguments": arguments or {}, **fields}
