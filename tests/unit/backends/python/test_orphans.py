"""Code of functions that are gone."""

from __future__ import annotations

from pathlib import PurePosixPath

from flowgen.backends.python import orphans
from flowgen.diagnostics import Severity
from tests.unit.backends.python.conftest import workflow_of

WORKFLOW = "flowgen: 1\nname: w\nfunctions:\n  send_mail: {}\n  old: {python: 'a:b'}"


def stub(name: str, body: str = "raise NotImplementedError") -> str:
    head = f'"""It."""\n\nfrom .generated import contracts\n\n\n@contracts.{name}\n'
    return f"{head}def {name}(event, context):\n    {body}\n"


def test_code_of_a_function_that_is_gone_is_told() -> None:
    """The place of its decorator is told, and what it may have been renamed to."""
    files = {
        PurePosixPath("src/w/send_email.py"): stub("send_email"),
        PurePosixPath("src/w/send_mail.py"): stub("send_mail"),
    }
    [found] = orphans(workflow_of(WORKFLOW), files)
    assert (found.code, found.severity) == ("FG604", Severity.WARNING)
    assert found.message == "`src/w/send_email.py` is the code of `send_email`, which the workflow does not have"
    assert found.span is not None
    assert (found.span.file, found.span.start.line, found.span.end.column) == ("src/w/send_email.py", 6, 22)
    assert found.help == "was it renamed to `send_mail`?"


def test_the_only_new_function_is_the_new_name() -> None:
    """Where one is gone and one has no code yet, it may have been renamed to whatever; of two none is known."""
    text = "flowgen: 1\nname: w\nfunctions: {notify: {}}"
    files = {PurePosixPath("src/w/send_email.py"): stub("send_email", "return event")}
    [found] = orphans(workflow_of(text), files)
    assert found.help == "was it renamed to `notify`?"
    files[PurePosixPath("src/w/bill.py")] = stub("bill", "return event")
    assert {found.help for found in orphans(workflow_of(text), files)} == {"remove the file, or declare the function"}


def test_no_function_that_has_code_is_a_new_name() -> None:
    """Code was moved to none that is written already."""
    files = {
        PurePosixPath("src/w/send_email.py"): stub("send_email"),
        PurePosixPath("src/w/send_mail.py"): stub("send_mail", "return event"),
    }
    [found] = orphans(workflow_of(WORKFLOW), files)
    assert found.help == "remove the file, or declare the function"


def test_code_of_a_function_with_another_callable_is_told() -> None:
    """A function that `python:` points elsewhere uses no stub."""
    [found] = orphans(workflow_of(WORKFLOW), {PurePosixPath("src/w/old.py"): stub("old")})
    assert found.code == "FG604"


def test_other_modules_are_the_users() -> None:
    """A module of the package that is no handler is of no interest."""
    files = {PurePosixPath("src/w/mail.py"): "from .generated import contracts\n\n# @contracts.gone\nx = contracts\n"}
    assert orphans(workflow_of(WORKFLOW), files) == []
