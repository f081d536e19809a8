"""A function of an imported file is one function of the project, whichever workflows call it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from flowgen.backends import cloudformation, writing
from flowgen.pipeline import check_paths, plan_python
from flowgen.pipeline.stacks import entry_points, units_of

SETTINGS = '[tool.flowgen]\npackage = "shop"\n'
MAIL = """\
flowgen: 1
import: people.yaml
types:
  Mail: {fields: {to: Person, text: string}}
functions:
  send_mail: {input: Mail, output: string, errors: {Bounced: {fields: {why: string}}}, concurrency: 5}
  count_mails: {input: {fields: {day: date}}, output: integer}
"""
PEOPLE = "flowgen: 1\ntypes:\n  Person: {fields: {name: string}}\n"
CALLER = """\
flowgen: 1
name: {name}
import: ../contracts/mail.yaml
output: any
{more}functions: {{own_{name}: {{output: string}}}}
steps:
  - {{id: counted, call: count_mails, with: {{day: "2026-03-01"}}}}
  - {{id: own, call: own_{name}}}
  - {{id: sent, call: send_mail, with: {{to: {{name: Ada}}, text: Hello}}}}
"""


def _caller(name: str, more: str = "") -> str:
    return CALLER.format(name=name, more=more)


PROJECT = {
    "pyproject.toml": SETTINGS,
    "contracts/mail.yaml": MAIL,
    "contracts/people.yaml": PEOPLE,
    "workflows/greet.yaml": _caller("greet"),
    "workflows/remind.yaml": _caller("remind"),
}


def _write(root: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)


def _planned(root: Path, *paths: str) -> writing.Plan:
    report = check_paths(paths, root)
    assert not report.failed, report.diagnostics
    [(_, plan)] = plan_python(report.loaded)
    return plan


def _template(root: Path, *paths: str) -> dict[str, Any]:
    report = check_paths(paths, root)
    assert not report.failed, report.diagnostics
    units = units_of(report.loaded)
    assert cloudformation.findings(units) == []
    return cloudformation.build_template(units)


def _shared(template: Mapping[str, Any]) -> dict[str, Any]:
    return {name: one for name, one in template["Resources"].items() if name.startswith("Shared")}


def test_one_stub_one_entry_point_one_contract(tmp_path: Path) -> None:
    """All Python of a shared function is in the package of its file, and none in those of its callers."""
    _write(tmp_path, PROJECT)
    plan = _planned(tmp_path)
    assert plan.diagnostics == ()
    paths = {change.path.as_posix() for change in plan.changes}
    of_functions = {path for path in paths if "send_mail" in path or "count_mails" in path}
    package = "src/shop/shared/mail"
    assert of_functions == {
        f"{package}/send_mail.py",
        f"{package}/count_mails.py",
        f"{package}/generated/entry_points/send_mail.py",
        f"{package}/generated/entry_points/count_mails.py",
    }
    texts = {change.path.as_posix(): str(change.text) for change in plan.changes}
    assert "class Bounced(" in texts[f"{package}/generated/contracts.py"]
    assert not any("Bounced" in text for path, text in texts.items() if not path.startswith(package))
    [build, _] = check_paths((), tmp_path).loaded
    assert entry_points(build) == {
        "own_greet": "shop.greet.generated.entry_points.own_greet",
        "send_mail": "shop.shared.mail.generated.entry_points.send_mail",
        "count_mails": "shop.shared.mail.generated.entry_points.count_mails",
    }


def test_callers_do_not_change_shared_code(tmp_path: Path) -> None:
    """The files and the resources of shared functions depend on their own file only."""
    _write(tmp_path, PROJECT)
    writing.write(_planned(tmp_path), tmp_path)
    before = _shared(_template(tmp_path))
    assert set(before) == {
        f"SharedMail{function}{kind}"
        for function in ("SendMail", "CountMails")
        for kind in ("Function", "Role", "LogGroup")
    } | {name for name in before if "Version" in name}
    assert before["SharedMailSendMailFunction"]["Properties"]["ReservedConcurrentExecutions"] == 5
    for name in ("greet", "remind"):
        path = f"workflows/{name}.yaml"
        assert _shared(_template(tmp_path, str(tmp_path / path))) == before
        assert _planned(tmp_path, str(tmp_path / path)).changes == ()
    other = "types: {Person2: {fields: {}}, SendMailInput: {fields: {a: string}}}\ninput: SendMailInput | Person2\n"
    _write(tmp_path, {"workflows/third.yaml": _caller("third", other)})
    assert _shared(_template(tmp_path)) == before
    assert not [change for change in _planned(tmp_path).changes if "shared" in change.path.parts]


def test_every_caller_may_invoke_it(tmp_path: Path) -> None:
    """Each role allows the one function, and each definition calls its version."""
    _write(tmp_path, PROJECT)
    template = _template(tmp_path)
    for name in ("Greet", "Remind"):
        text = json.dumps(template["Resources"][f"{name}StateMachineRole"])
        assert '{"Fn::GetAtt": ["SharedMailSendMailFunction", "Arn"]}' in text
        called = template["Resources"][f"{name}StateMachine"]["Properties"]["DefinitionSubstitutions"]
        assert called["SendMailFunction"]["Ref"].startswith("SharedMailSendMailFunctionVersion")


def test_nested_stacks(tmp_path: Path) -> None:
    """The project's stack has the function; the callers' stacks get its ARN as a parameter."""
    _write(tmp_path, PROJECT | {"pyproject.toml": f'{SETTINGS}stacks = "nested"\n'})
    units = units_of(check_paths((), tmp_path).loaded)
    assert cloudformation.findings(units, nested=True) == []
    bundle = cloudformation.bundle(units, nested=True)
    assert [found for found in bundle.findings if found.severity == "error"] == []
    assert "SharedMailSendMailFunction" in bundle.template["Resources"]
    for text in bundle.assets.values():
        child = json.loads(text)
        assert not [name for name in child["Resources"] if name.startswith("Shared")]
        assert "SharedMailSendMailFunctionArn" in child["Parameters"]
    passed = bundle.template["Resources"]["GreetStack"]["Properties"]["Parameters"]
    assert passed["SharedMailSendMailFunctionArn"] == {"Fn::GetAtt": ["SharedMailSendMailFunction", "Arn"]}


@pytest.mark.parametrize(
    ("more", "label"),
    [
        ("defaults: {function: {timeout: 10s}}\n", "differs in `defaults.function`"),
        ("tracing: false\n", "differs in `tracing` and `defaults.function.policies` or `tracing`"),
        ("logging: {retention: 3 days}\n", "differs in `logging.retention`"),
        ("tags: {team: mail}\n", "differs in `tags`"),
    ],
)
def test_settings_that_differ(more: str, label: str, tmp_path: Path) -> None:
    """FG506 at the second workflow, with what differs."""
    _write(tmp_path, PROJECT | {"workflows/remind.yaml": _caller("remind", more)})
    found = cloudformation.findings(units_of(check_paths((), tmp_path).loaded))
    assert {one.code for one in found} == {"FG506"}
    assert found[0].message.startswith("`greet` and `remind` configure the shared function `")
    assert set(found[0].label.removeprefix("differs in ").split(" and ")) == set(
        label.removeprefix("differs in ").split(" and ")
    )


def test_same_settings_and_other_versions(tmp_path: Path) -> None:
    """Equal settings are no conflict; a caller without versions calls the function itself."""
    same = "defaults: {function: {timeout: 10s}}\ntags: {team: mail}\n"
    files = {f"workflows/{name}.yaml": _caller(name, same) for name in ("greet", "remind")}
    files["workflows/remind.yaml"] = _caller("remind", f"{same}deployment: {{versions: false}}\n")
    _write(tmp_path, PROJECT | files)
    template = _template(tmp_path)
    called = template["Resources"]["RemindStateMachine"]["Properties"]["DefinitionSubstitutions"]["SendMailFunction"]
    assert called == {"Fn::GetAtt": ["SharedMailSendMailFunction", "Arn"]}


@pytest.mark.parametrize(
    ("mail", "own"),
    [
        (MAIL.replace("output: integer", "output: Own"), "types: {Own: string}\n"),
        (MAIL.replace("text: string", "text: Own"), "types: {Own: string}\n"),
    ],
    ids=["directly", "in a type"],
)
def test_type_of_a_workflow(mail: str, own: str, tmp_path: Path) -> None:
    """FG605: the contract of a shared function cannot depend on a type of one workflow."""
    files = {f"workflows/{name}.yaml": _caller(name, own) for name in ("greet", "remind")}
    _write(tmp_path, PROJECT | files | {"contracts/mail.yaml": mail})
    report = check_paths((), tmp_path)
    assert {one.code for one in report.diagnostics if one.severity == "error"} == {"FG605"}


def test_two_files_of_one_name(tmp_path: Path) -> None:
    """FG605: their functions would have the same package."""
    other = "flowgen: 1\nfunctions: {drop: {}}\n"
    workflow = "flowgen: 1\nname: third\nimport: ../other/mail.yaml\noutput: any\nsteps: [{id: dropped, call: drop}]\n"
    _write(tmp_path, PROJECT | {"other/mail.yaml": other, "workflows/third.yaml": workflow})
    assert [one.code for one in _planned(tmp_path).diagnostics] == ["FG605"]


def test_code_in_the_package_of_a_workflow(tmp_path: Path) -> None:
    """FG604 says where code goes that was there before the function was shared."""
    _write(tmp_path, PROJECT)
    code = "from .generated import contracts\n\n\n@contracts.send_mail\ndef send_mail(event, context):\n    return ''\n"
    _write(tmp_path, {"src/shop/greet/send_mail.py": code})
    [found] = _planned(tmp_path).diagnostics
    assert (found.code, found.help) == (
        "FG604",
        "move it to `src/shop/shared/mail/send_mail.py`: the function is shared",
    )
