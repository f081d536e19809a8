"""What is written on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowgen.local.faults import FAULT_CAUSE, Fault
from flowgen.running import arguments
from flowgen.running.arguments import BadArgument
from tests.unit.running.machines import function, program

PROGRAM = program({"charge": function("f"), "pause": {"Type": "Wait", "Seconds": 1}})


@pytest.mark.parametrize(
    ("texts", "faults"),
    [
        (["charge=Busy"], (Fault("Busy", None, FAULT_CAUSE),)),
        (["charge=Busy:2"], (Fault("Busy", 2, FAULT_CAUSE),)),
        (
            ["charge=States.Timeout:1", "charge=Busy"],
            (Fault("States.Timeout", 1, FAULT_CAUSE), Fault("Busy", None, FAULT_CAUSE)),
        ),
    ],
)
def test_failures(texts: list[str], faults: tuple[Fault, ...]) -> None:
    """An error for every attempt, or for so many; several of one step follow one another."""
    assert arguments.failures(PROGRAM, texts) == {"charge": faults}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("charge", "write STEP=ERROR"),
        ("charge=", "write STEP=ERROR"),
        ("charge=Busy:no", "is not a valid number of attempts"),
        ("charge=Busy:0", "is not a valid number of attempts"),
        ("chrage=Busy", "did you mean `charge`?"),
        ("pause=Busy", "makes no call"),
    ],
)
def test_wrong_failures(text: str, message: str) -> None:
    """What can't be understood is reported with what would be right."""
    with pytest.raises(BadArgument) as told:
        arguments.failures(PROGRAM, [text])
    assert message in str(told.value)


def test_delays_and_parameters() -> None:
    """Durations are those of the language; a parameter's value may hold an equals sign."""
    assert arguments.delays(PROGRAM, ["charge=2 hours"]) == {"charge": 7200}
    assert arguments.parameters(["Table=a=b"]) == {"Table": "a=b"}
    with pytest.raises(BadArgument, match="not a valid duration"):
        arguments.delays(PROGRAM, ["charge=5"])
    with pytest.raises(BadArgument, match="NAME=VALUE"):
        arguments.parameters(["Table"])


def test_tasks(tmp_path: Path) -> None:
    """A callable of the event alone, or a Lambda handler; what can't be loaded is reported."""
    (tmp_path / "some_tasks.py").write_text("def plain(event): ...\ndef handler(event, context): ...\n")
    found = arguments.tasks(PROGRAM, ["a=some_tasks:plain", "arn:x=some_tasks:handler"], tmp_path)
    assert {name: task.context for name, task in found.items()} == {"a": False, "arn:x": True}
    with pytest.raises(BadArgument, match="has no function none"):
        arguments.tasks(PROGRAM, ["a=some_tasks:none"], tmp_path)
