"""Generated entry points under Lambda's own runtime, with pydantic and nothing else next to them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from flowgen.backends import writing
from flowgen.local import TaskError, execute
from flowgen.pipeline import check_paths, definition, plan_python
from tests.e2e.emulator import Function, emulated

pytestmark = pytest.mark.needs("emulator")

WORKFLOW = """flowgen: 1
name: ship
input: Parcel
output: Label
types:
  Parcel: {fields: {id: string, grams: integer, wish?: string, priority: integer = 0}}
  Label: {fields: {text: string}}
  TooHeavy: {fields: {grams: integer, most: number, since?: date}}
functions:
  label: {input: Parcel, output: Label, errors: {Heavy: TooHeavy, Gone: "string[]"}}
  later: {input: Parcel, output: Label, errors: {Heavy: TooHeavy}}
  look: {input: any, output: any, errors: [Busy]}
  reckon: {input: integer, output: integer, python: "arithmetic:Adder.more"}
steps:
  - id: one
    call: label
    catch:
      - errors: [Heavy]
        steps:
          - id: too_heavy
            return: {text: "${ $string($error.details.grams) & ' > ' & $string($error.details.most) }"}
  - {id: two, call: later, with: "${ $input }"}
  - {id: three, call: look}
  - {id: four, call: reckon, with: 1}
  - {id: five, return: "${ $one }"}
"""
CODE = {
    "src/ship/label.py": """from datetime import date
import time

from .generated import contracts
from .generated.contracts import StepContext
from .generated.models import Label, Parcel, TooHeavy


@contracts.label
def label(event: Parcel, context: StepContext) -> Label:
    match event.wish:
        case "heavy":
            raise contracts.Heavy(TooHeavy(grams=event.grams, most=2.5, since=date(2026, 1, 2)))
        case "gone":
            raise contracts.Gone(["a", "\\u00e9\\n"])
        case "bug":
            raise ZeroDivisionError("by the code")
        case "wrong":
            return {"text": 1}  # type: ignore[return-value]
        case "sleep":
            time.sleep(60)
        case _:
            pass
    return Label(text=f"{event.id}/{event.priority}")
""",
    "src/ship/later.py": """import asyncio

from .generated import contracts
from .generated.contracts import StepContext
from .generated.models import Label, Parcel, TooHeavy

loops: set[int] = set()
lock = asyncio.Lock()
served = 0


@contracts.later
async def later(event: Parcel, context: StepContext) -> Label:
    global served
    loops.add(id(asyncio.get_running_loop()))
    async with lock:
        await asyncio.sleep(0)
        served += 1
    if event.wish == "heavy":
        raise contracts.Heavy(TooHeavy(grams=event.grams, most=2.5))
    return Label(text=f"{served} in {len(loops)}")
""",
    "src/ship/look.py": """import sys

from .generated import contracts


def look(event, context):
    if event == "busy":
        raise contracts.Busy("come back later")
    assert context.lambda_context.function_name == "look"
    ours = sorted({name.partition(".")[0] for name in sys.modules} & {"flowgen", "boto3", "asyncio", "pydantic"})
    return [context.step, context.attempt, 0 < context.remaining_time.total_seconds() <= 3, ours]
""",
    "src/arithmetic.py": """class Adder:
    @staticmethod
    def more(event, context):
        return event + 1
""",
}
CONTEXT = {
    "execution_id": "arn:aws:states:eu-west-1:111111111111:execution:ship:one",
    "execution_name": "one",
    "started_at": "2026-03-01T12:00:00.500Z",
    "workflow": "ship",
    "step": "one",
    "attempt": 2,
}


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source folder of a project, as it would be deployed."""
    root = tmp_path_factory.mktemp("ship")
    (root / "workflows").mkdir()
    (root / "pyproject.toml").write_text("[tool.flowgen]\n")
    (root / "workflows" / "ship.yaml").write_text(WORKFLOW)
    for project, planned in plan_python(check_paths((), root).loaded):
        writing.write(planned, project.root)
    for path, text in CODE.items():
        root.joinpath(path).write_text(text)
    return root / "src"


@pytest.fixture(scope="module")
def label(source: Path) -> Iterator[Function]:
    with emulated(source, "ship.generated.entry_points.label.handler", timeout=2) as function:
        yield function


def call(function: Function, event: Any) -> Any:
    """What a function answers when its workflow calls it."""
    return function.invoke({"input": event, "context": CONTEXT})


def parcel(wish: str | None = None) -> dict[str, Any]:
    return {"id": "p-1", "grams": 2600, **({} if wish is None else {"wish": wish})}


def test_a_result(label: Function) -> None:
    """Defaults are filled in the input."""
    assert call(label, parcel()) == {"text": "p-1/0"}


@pytest.mark.parametrize(
    ("wish", "name", "details"),
    [("heavy", "Heavy", {"grams": 2600, "most": 2.5, "since": "2026-01-02"}), ("gone", "Gone", ["a", "é\n"])],
)
def test_a_declared_error_has_its_details(label: Function, wish: str, name: str, details: Any) -> None:
    """What Lambda reports is what the workflow's `catch` parses: the name, and the details in the message."""
    answer = call(label, parcel(wish))
    assert answer["errorType"] == name
    assert json.loads(answer["errorMessage"]) == details


def test_details_reach_the_catch(source: Path, label: Function) -> None:
    """What the runtime reports of the error, as Step Functions gets it, is what the handler's steps read."""

    def invoke(event: Any) -> Any:
        answer = label.invoke(event)
        if "errorType" in answer:
            raise TaskError(answer["errorType"], json.dumps(answer))
        return answer

    [loaded] = check_paths((), source.parent).loaded
    execution = execute(definition(loaded), parcel("heavy"), tasks={"${LabelFunction}": invoke})

    assert (execution.status, execution.output) == ("SUCCEEDED", {"text": "2600 > 2.5"})


def test_a_bug_is_what_it_is(label: Function) -> None:
    """Other errors come with their own names."""
    answer = call(label, parcel("bug"))
    assert (answer["errorType"], answer["errorMessage"]) == ("ZeroDivisionError", "by the code")


@pytest.mark.parametrize(
    ("event", "problem"),
    [
        ({"id": 1}, "the input of `label` breaks its contract: $.id: Input should be a valid string; $.grams: Field"),
        (parcel("wrong"), "the output of `label` breaks its contract: $.text: Input should be a valid string"),
    ],
)
def test_what_breaks_the_contract(label: Function, event: Any, problem: str) -> None:
    """On both ends the error is `ContractViolation`, with the paths."""
    answer = call(label, event)
    assert answer["errorType"] == "ContractViolation"
    assert answer["errorMessage"].startswith(problem)


def test_a_call_by_hand_is_reported(label: Function) -> None:
    """An event without the envelope, as the console's test button sends it."""
    answer = label.invoke({"key1": "value1"})
    assert answer["errorType"] == "ContractViolation"
    assert answer["errorMessage"].startswith('`label` was not called by its workflow: it expects {"input": …')


def test_a_timeout_ends_the_call(label: Function) -> None:
    """Lambda ends it, and the next call finds a function that works."""
    assert call(label, parcel("sleep")) == "Task timed out after 2.00 seconds"
    assert call(label, parcel()) == {"text": "p-1/0"}


def test_async_code_has_one_event_loop(source: Path) -> None:
    """What one call left in the loop, a lock or a pool of connections, serves the next call too."""
    with emulated(source, "ship.generated.entry_points.later.handler") as function:
        assert [call(function, parcel()) for _ in range(3)] == [{"text": f"{n} in 1"} for n in (1, 2, 3)]
        answer = call(function, parcel("heavy"))
        assert (answer["errorType"], json.loads(answer["errorMessage"])) == ("Heavy", {"grams": 2600, "most": 2.5})
        assert call(function, parcel()) == {"text": "5 in 1"}


def test_what_a_step_knows(source: Path) -> None:
    """The context has Lambda's own, with the time that is left; only pydantic was loaded."""
    with emulated(source, "ship.generated.entry_points.look.handler", timeout=3) as function:
        assert call(function, None) == ["one", 2, True, ["pydantic"]]
        answer = call(function, "busy")
        assert (answer["errorType"], answer["errorMessage"]) == ("Busy", "come back later")


def test_an_existing_callable(source: Path) -> None:
    """A function of the project's own, in the place of a stub."""
    with emulated(source, "ship.generated.entry_points.reckon.handler") as function:
        assert call(function, 41) == 42
        assert call(function, 41.5)["errorType"] == "ContractViolation"


def test_a_zip_is_unpacked_and_nothing_stays(source: Path, tmp_path: Path) -> None:
    """A deployed zip runs like its folder; the emulator and the runtime end with the block."""
    place = Path(shutil.make_archive(str(tmp_path / "label"), "zip", source))
    with emulated(place, "ship.generated.entry_points.label.handler") as function:
        assert call(function, parcel()) == {"text": "p-1/0"}
    with pytest.raises(ConnectionRefusedError):
        call(function, parcel())
