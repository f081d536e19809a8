"""Code of functions that are gone."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import pytest

from flowgen.backends import writing
from flowgen.backends.python import orphans
from flowgen.diagnostics import Diagnostic, Severity
from flowgen.pipeline import check_paths, plan_python
from tests.unit.backends.python.conftest import workflow_of

WORKFLOW = "flowgen: 1\nname: w\nfunctions:\n  send_mail: {}\n  old: {python: 'a:b'}"

PAY = "flowgen: 1\nname: pay\nfunctions: {send_mail: {}}\nsteps: [{id: one, call: send_mail}]\n"


def stub(name: str, body: str = "raise NotImplementedError") -> str:
    head = f'"""It."""\n\nfrom .generated import contracts\n\n\n@contracts.{name}\n'
    return f"{head}def {name}(event, context):\n    {body}\n"


def test_code_of_a_function_that_is_gone_is_reported() -> None:
    """The place of its decorator is reported, and what it may have been renamed to."""
    files = {
        PurePosixPath("src/w/send_email.py"): stub("send_email"),
        PurePosixPath("src/w/send_mail.py"): stub("send_mail"),
    }
    [found] = orphans(workflow_of(WORKFLOW), files)
    assert (found.code, found.severity) == ("FG604", Severity.WARNING)
    told = "`src/w/send_email.py` has the code of `send_email`, which is not a function of the workflow"
    assert found.message == told
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


def test_code_of_a_function_with_another_callable_is_reported() -> None:
    """A function that `python:` points elsewhere uses no stub."""
    [found] = orphans(workflow_of(WORKFLOW), {PurePosixPath("src/w/old.py"): stub("old")})
    assert found.code == "FG604"


@pytest.mark.parametrize(
    "text",
    [
        "from .generated import contracts\n\npay = contracts.pay(Pay())\n",
        "from .generated import contracts as held\n\n\n@held.pay\ndef pay(event, context): ...\n",
        "from .generated.contracts import StepContext, pay as contract\n\n\n@contract\ndef pay(event, context): ...\n",
        "from shop.w.generated import contracts\n\n\n@contracts.pay\ndef pay(event, context): ...\n",
        "from shop.w.generated.contracts import pay\n",
        stub("pay").replace("\n", "\r\n"),
    ],
    ids=["an instance", "another name", "its own name", "an absolute import", "both", "line ends of Windows"],
)
def test_code_is_known_however_it_names_its_contract(text: str) -> None:
    [found] = orphans(workflow_of(WORKFLOW), {PurePosixPath("src/shop/w/pay.py"): text})
    assert found.message == "`src/shop/w/pay.py` has the code of `pay`, which is not a function of the workflow"


def test_a_callable_of_the_package_matches_its_contract() -> None:
    """`python:` may name what is next to the stubs."""
    workflow = workflow_of("flowgen: 1\nname: w\nfunctions: {old: {python: 'shop.w.handlers:old'}}")
    assert orphans(workflow, {PurePosixPath("src/shop/w/handlers.py"): stub("old")}) == []
    assert len(orphans(workflow, {PurePosixPath("src/shop/w/other.py"): stub("old")})) == 1


@pytest.mark.parametrize(
    "text",
    [
        "def broken(:\n    from .generated import contracts\n",
        "from elsewhere.generated import contracts\n\ncontracts.pay()\n",
        "from ..other.generated import contracts\n\ncontracts.pay()\n",
        "from .generated import contracts\n\nraise contracts.Gone\n",
    ],
    ids=["no Python", "another package's", "a package beside", "an error"],
)
def test_what_is_not_code_of_a_function(text: str) -> None:
    assert orphans(workflow_of(WORKFLOW), {PurePosixPath("src/shop/w/pay.py"): text}) == []


def test_code_of_a_workflow_that_is_gone_is_reported(tmp_path: Path) -> None:
    """When its generated code goes, and from then on; nothing of the user's is touched."""
    project = {
        "pyproject.toml": "[tool.flowgen]\npackage = 'shop'\n",
        "workflows/pay.yaml": PAY,
        "workflows/look.yaml": PAY.replace("name: pay", "name: look"),
        "src/shop/tools/generated/own.py": "",
        "src/shop/tools/own.py": "from .generated import own\n",
        "src/shop/tools/other.py": "",
    }
    for name, text in project.items():
        place = tmp_path / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)

    def generate() -> list[Diagnostic]:
        [(_, plan)] = plan_python(check_paths((), tmp_path).loaded)
        writing.write(plan, tmp_path)
        return list(plan.diagnostics)

    assert generate() == []
    (tmp_path / "workflows/pay.yaml").write_text(PAY.replace("name: pay", "name: pays"))
    for _ in range(2):
        [told] = generate()
        assert (told.code, told.severity) == ("FG604", Severity.WARNING)
        assert told.message == "`src/shop/pay/send_mail.py` has the code of a workflow that no longer exists"
        assert told.span is not None
        assert (told.span.file, told.span.start.line) == ("src/shop/pay/send_mail.py", 3)
    assert not (tmp_path / "src/shop/pay/generated").exists()
    (tmp_path / "src/shop/pay/send_mail.py").unlink()
    assert generate() == []


def test_other_modules_are_the_users() -> None:
    """A module of the package that is not a handler is ignored."""
    files = {PurePosixPath("src/w/mail.py"): "from .generated import contracts\n\n# @contracts.gone\nx = contracts\n"}
    assert orphans(workflow_of(WORKFLOW), files) == []
