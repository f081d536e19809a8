"""A callable may change anything in the process: flowgen goes on, and the run tells what happened."""

from __future__ import annotations

import builtins
import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from flowgen.local import Task, execute, load_handler
from flowgen.local.call_limits import InPlace, Workers

MACHINE = {
    "StartAt": "A",
    "States": {
        "A": {"Type": "Task", "Resource": "arn:aws:lambda:eu-west-1:123456789012:function:f", "Next": "B"},
        "B": {"Type": "Task", "Resource": "arn:aws:lambda:eu-west-1:123456789012:function:g", "End": True},
    },
}


def remove_modules() -> None:
    sys.path.clear()
    sys.modules.clear()


def spoil_modules() -> None:
    for name in list(sys.modules):
        sys.modules[name] = None  # type: ignore[assignment]  # importing it fails


def replace_modules() -> None:
    sys.modules = {}


def replace_builtins() -> None:
    for name in ("len", "isinstance", "getattr", "__import__", "Exception", "BaseException", "ValueError"):
        setattr(builtins, name, None)


def replace_json() -> None:
    json.dumps = json.loads = None  # type: ignore[assignment]  # not callable, on purpose


def close_streams() -> None:
    sys.stdin = sys.stdout = sys.stderr = None


def raise_limits() -> None:
    sys.setrecursionlimit(10**6)
    sys.setswitchinterval(100)


def remove_import_hooks() -> None:
    sys.meta_path.clear()
    sys.path_hooks.clear()


def ignore_interruptions() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)


CHANGES = [
    remove_modules,
    spoil_modules,
    replace_modules,
    replace_builtins,
    replace_json,
    close_streams,
    raise_limits,
    remove_import_hooks,
    ignore_interruptions,
]


def state() -> list[object]:
    return [
        sys.modules,
        sorted(sys.modules),
        dict(vars(builtins)),
        json.dumps,
        sys.path.copy(),
        sys.meta_path.copy(),
        sys.path_hooks.copy(),
        (sys.stdin, sys.stdout, sys.stderr),
        (sys.getrecursionlimit(), sys.getswitchinterval()),
        signal.getsignal(signal.SIGINT),
    ]


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("fails", [False, True])
def test_the_process_is_as_before(change: Callable[[], None], fails: bool) -> None:  # noqa: FBT001 - a parameter
    def work(_event: object) -> int:
        change()
        return 1 // (not fails)

    execute(MACHINE, {}, tasks={"f": Task(lambda _event: 1), "g": Task(lambda _event: 1)}, caller=InPlace())
    before = state()
    execution = execute(MACHINE, {}, tasks={"f": Task(work), "g": Task(lambda event: event)}, caller=InPlace())
    assert state() == before
    assert (execution.output, execution.error) == ((None, "ZeroDivisionError") if fails else (1, None))


@pytest.mark.parametrize("change", [one for one in CHANGES if one is not ignore_interruptions])
def test_in_a_thread(change: Callable[[], None]) -> None:
    execute(MACHINE, {}, tasks={"f": Task(lambda _event: 1), "g": Task(lambda _event: 1)}, caller=InPlace())
    before = state()
    with Workers(2) as workers:
        tasks = {"f": Task(lambda _event: change()), "g": Task(lambda _event: 2)}
        assert execute(MACHINE, {}, tasks=tasks, caller=workers).output == 2
    assert state() == before


def test_trace_functions_do_not_outlive_the_call() -> None:
    def work(_event: object) -> None:
        sys.settrace(lambda *_: None)
        sys.setprofile(lambda *_: None)

    before = sys.gettrace(), sys.getprofile()
    execute(MACHINE, {}, tasks={"f": Task(work), "g": Task(lambda _event: 1)}, caller=InPlace())
    assert (sys.gettrace(), sys.getprofile()) == before


def test_additions_stay() -> None:
    """As they do on Lambda from call to call: a module that was imported, an entry of the path, a name."""

    def work(_event: object) -> None:
        sys.path.append("/opt/python")
        sys.modules["flowgen_test_added"] = os

    try:
        execute(MACHINE, {}, tasks={"f": Task(work), "g": Task(lambda _event: 1)}, caller=InPlace())
        assert sys.path[-1] == "/opt/python"
        assert sys.modules["flowgen_test_added"] is os
    finally:
        sys.path.remove("/opt/python")
        del sys.modules["flowgen_test_added"]


def test_a_module_that_changes_the_process_when_it_is_imported(tmp_path: Path) -> None:
    text = "import builtins, sys\nbuiltins.len = None\nsys.stderr = None\nsys.setrecursionlimit(10**6)\n"
    (tmp_path / "flowgen_test_changing.py").write_text(f"{text}def handler(event):\n    return 5\n", "utf-8")
    before = state()
    assert load_handler(tmp_path, "flowgen_test_changing:handler")({}) == 5
    assert [now for now, then in zip(state()[2:], before[2:], strict=True) if now != then] == []


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_process_that_a_handler_forks_does_not_go_on_with_the_run(tmp_path: Path) -> None:
    count = tmp_path / "count"

    def work(_event: object) -> int:
        return os.fork()

    def after(event: int) -> int:
        with count.open("a") as file:
            file.write(".")
        return os.waitstatus_to_exitcode(os.waitpid(event, 0)[1])

    assert execute(MACHINE, {}, tasks={"f": Task(work), "g": Task(after)}, caller=InPlace()).output == 1
    assert count.read_text() == "."
