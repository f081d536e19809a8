"""What a workflow gets from `[tool.flowgen.stack]`, `[tool.flowgen.overrides]` and imported files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from flowgen.diagnostics import Diagnostic
from flowgen.pipeline import check_paths, template
from tests.cfn_lint import lint

BOUNDARY = "arn:aws:iam::123456789012:policy/developer-boundary"
TOPIC = "arn:aws:sns:eu-west-1:123456789012:alerts"
WORKFLOW = "flowgen: 1\nname: {name}\noutput: any\nfunctions: {{go: {{}}}}\n{more}steps: [{{id: a, call: go}}]\n"


class Project:
    """A project in a folder."""

    def __init__(
        self, folder: Path, settings: str = "", files: Mapping[str, str] | None = None, **workflows: str
    ) -> None:
        self.folder = folder
        (folder / "workflows").mkdir()
        (folder / "pyproject.toml").write_text(f"[tool.flowgen]\n{settings}")
        for name, more in workflows.items():
            (folder / "workflows" / f"{name}.yaml").write_text(WORKFLOW.format(name=name, more=more))
        for name, text in (files or {}).items():
            (folder / name).write_text(text)

    def template(self) -> dict[str, Any]:
        report = check_paths((), self.folder)
        assert report.diagnostics == ()
        text, problems = template(report.loaded, "json")
        assert problems == []
        made: dict[str, Any] = json.loads(text or "")
        return made

    def resources(self, resource_type: str) -> dict[str, dict[str, Any]]:
        declared = self.template()["Resources"]
        return {name: one["Properties"] for name, one in declared.items() if one["Type"] == resource_type}

    def findings(self, *paths: str) -> list[tuple[str, str, str]]:
        """Each with its code, its place and its message."""
        return [_shown(one) for one in check_paths(paths, self.folder).diagnostics]


def _shown(one: Diagnostic) -> tuple[str, str, str]:
    place = "" if one.span is None else f"{one.span.file}:{one.span.start.line}:{one.span.start.column}"
    return one.code, place, one.message


def test_roles(tmp_path: Path) -> None:
    """All generated roles have the boundary and the path, and names that no other stack has."""
    settings = f'[tool.flowgen.stack.roles]\nboundary = "{BOUNDARY}"\npath = "/shop/"\nprefix = "shop-"\n'
    trigger = "triggers: {nightly: {schedule: rate(1 day)}}\n"
    project = Project(tmp_path, settings, w=trigger)

    roles = project.resources("AWS::IAM::Role")
    assert {*roles} == {"WStateMachineRole", "WGoRole", "WNightlyScheduleRole"}
    assert {(role["PermissionsBoundary"], role["Path"]) for role in roles.values()} == {(BOUNDARY, "/shop/")}
    assert [role["RoleName"]["Fn::Join"][1][0] for role in roles.values()] == [f"shop-{name}" for name in roles]
    assert lint(json.dumps(project.template())) == []


def test_a_long_name_of_a_role_is_shortened(tmp_path: Path) -> None:
    """IAM allows 64 characters: the rest has a hyphen and 8 characters of the stack's id."""
    prefix = "p" * 30
    project = Project(tmp_path, f'[tool.flowgen.stack]\nroles = {{prefix = "{prefix}"}}\n', {}, **{"w" * 50: ""})
    starts = {name: role["RoleName"]["Fn::Join"][1][0] for name, role in project.resources("AWS::IAM::Role").items()}
    assert len({*starts.values()}) == 2
    assert all(len(start) <= 64 - 9 and start.startswith(prefix) for start in starts.values())


def test_every_setting(tmp_path: Path) -> None:
    settings = f"""
[tool.flowgen.stack]
tracing = false
dashboard = true
tags = {{team = "shop"}}
alarms = {{actions = "{TOPIC}", aborted = false}}
logging = {{retention = "90 days", format = "text"}}
encryption = {{key = "arn:aws:kms:eu-west-1:123456789012:key/k"}}
notifications = {{targets = ["{TOPIC}"], statuses = ["failed"]}}
[tool.flowgen.stack.function]
memory = 512
runtime = "python3.12"
architecture = "x86_64"
environment = {{STAGE = {{Ref = "AWS::StackName"}}, LEVEL = "info"}}
"""
    own = "tags: {stage: test}\ndefaults: {function: {memory: 1024, environment: {LEVEL: debug}}}\n"
    project = Project(tmp_path, settings, w=own)

    [function] = project.resources("AWS::Lambda::Function").values()
    assert (function["MemorySize"], function["Runtime"], function["Architectures"]) == (1024, "python3.12", ["x86_64"])
    assert function["Environment"] == {"Variables": {"STAGE": {"Ref": "AWS::StackName"}, "LEVEL": "debug"}}
    assert function["LoggingConfig"]["LogFormat"] == "Text"
    assert function["TracingConfig"] == {"Mode": "PassThrough"}
    assert function["KmsKeyArn"] == "arn:aws:kms:eu-west-1:123456789012:key/k"
    assert function["Tags"] == [{"Key": "stage", "Value": "test"}, {"Key": "team", "Value": "shop"}]
    alarms = project.resources("AWS::CloudWatch::Alarm")
    assert {*alarms} == {f"WStateMachine{name}Alarm" for name in ("Failed", "TimedOut", "Throttled")}
    assert all(alarm["AlarmActions"] == [TOPIC] for alarm in alarms.values())
    assert {group["RetentionInDays"] for group in project.resources("AWS::Logs::LogGroup").values()} == {90}
    [rule] = project.resources("AWS::Events::Rule").values()
    assert rule["EventPattern"]["detail"] == {"stateMachineArn": [{"Ref": "WStateMachine"}], "status": ["FAILED"]}
    assert [target["Arn"] for target in rule["Targets"]] == [TOPIC]
    assert lint(json.dumps(project.template())) == []


def test_a_dashboard_shows_the_workflow_and_its_functions(tmp_path: Path) -> None:
    project = Project(tmp_path, "[tool.flowgen.stack]\ndashboard = true\n", w="", v="dashboard: false\n")
    [(name, properties)] = project.resources("AWS::CloudWatch::Dashboard").items()
    widgets = json.loads(properties["DashboardBody"]["Fn::Sub"])["widgets"]
    assert name == "WStateMachineDashboard"
    assert {metric[3] for widget in widgets for metric in widget["properties"]["metrics"]} == {
        "${WStateMachine}",
        "${WGoFunction}",
    }
    assert {widget["properties"]["region"] for widget in widgets} == {"${AWS::Region}"}


def test_a_workflow_replaces_settings_of_the_project(tmp_path: Path) -> None:
    settings = '[tool.flowgen.stack]\ntracing = false\nlogging = {level = "error", retention = "7 days"}\n'
    project = Project(tmp_path, settings, w="tracing: true\nlogging: {retention: 14 days}\n")
    [machine] = project.resources("AWS::StepFunctions::StateMachine").values()
    assert machine["TracingConfiguration"] == {"Enabled": True}
    assert machine["LoggingConfiguration"]["Level"] == "ERROR"
    assert {group["RetentionInDays"] for group in project.resources("AWS::Logs::LogGroup").values()} == {14}


def test_an_express_workflow_ignores_what_it_cannot_have(tmp_path: Path) -> None:
    """Unless it is in its own file."""
    settings = (
        f'[tool.flowgen.stack]\nnotifications = {{targets = "{TOPIC}"}}\nalarms = {{throttled = {{threshold = 5}}}}\n'
    )
    project = Project(tmp_path, settings, w="type: express\n")
    assert project.resources("AWS::Events::Rule") == {}

    folder = tmp_path / "own"
    folder.mkdir()
    own = Project(folder, w=f"type: express\nnotifications: {{targets: '{TOPIC}'}}\n")
    assert own.findings() == [("FG407", "workflows/w.yaml:6:16", "an express workflow sends no changes of its status")]


SHARED = "flowgen: 1\n{}"


def test_settings_of_an_imported_file(tmp_path: Path) -> None:
    """They come before those of the project."""
    shared = SHARED.format(f"alarms: {{actions: '{TOPIC}'}}\ntracing: false\ndefaults: {{function: {{memory: 512}}}}\n")
    project = Project(
        tmp_path,
        "[tool.flowgen.stack]\ntracing = true\nfunction = {memory = 256, timeout = '10s'}\n",
        {"shared.yaml": shared},
        w="import: ../shared.yaml\nalarms: {failed: {threshold: 3}}\n",
        v="",
    )
    functions = project.resources("AWS::Lambda::Function")
    sizes = {name: (one["MemorySize"], one["Timeout"], one["TracingConfig"]["Mode"]) for name, one in functions.items()}
    assert sizes == {"WGoFunction": (512, 10, "PassThrough"), "VGoFunction": (256, 10, "Active")}
    alarm = project.resources("AWS::CloudWatch::Alarm")["WStateMachineFailedAlarm"]
    assert (alarm["AlarmActions"], alarm["Threshold"]) == ([TOPIC], 3)


def test_two_files_with_one_setting(tmp_path: Path) -> None:
    project = Project(
        tmp_path,
        "",
        {
            "a.yaml": SHARED.format("tracing: false\ntags: {team: a}\n"),
            "b.yaml": SHARED.format("tags: {team: b}\ndashboard: true\n"),
        },
        w="import: [../a.yaml, ../b.yaml]\ntracing: true\ndashboard: true\n",
    )
    assert project.findings() == [
        ("FG553", "a.yaml:2:1", "`tracing` has different values in two files"),
        ("FG553", "b.yaml:2:8", "`team` has different values in two files"),
    ]


def test_overrides_of_the_project(tmp_path: Path) -> None:
    """A path starts with the name of a workflow or with `*`, and may be written as nested tables."""
    settings = """
[tool.flowgen.overrides."*.machine"]
DeletionPolicy = "Retain"
[tool.flowgen.overrides.w.functions.go]
MemorySize = 512
[tool.flowgen.overrides.VGoRole]
PermissionsBoundary = {"Fn::Sub" = "arn:${AWS::Partition}:iam::${AWS::AccountId}:policy/b"}
"""
    project = Project(tmp_path, settings, w="", v="")
    declared = project.template()["Resources"]
    assert {name: one["DeletionPolicy"] for name, one in declared.items() if name.endswith("StateMachine")} == {
        "WStateMachine": "Retain",
        "VStateMachine": "Retain",
    }
    assert declared["WGoFunction"]["Properties"]["MemorySize"] == 512
    assert declared["VGoFunction"]["Properties"]["MemorySize"] == 256
    assert declared["VGoRole"]["Properties"]["PermissionsBoundary"] == {
        "Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:policy/b"
    }
    assert "PermissionsBoundary" not in declared["WGoRole"]["Properties"]
    assert project.findings("workflows/w.yaml") == []


@pytest.mark.parametrize(
    ("settings", "findings"),
    [
        (
            '[tool.flowgen.overrides."*.functions.nobody"]\nMemorySize = 512\n',
            [("FG550", "pyproject.toml:2:26", "the stack has no resource `*.functions.nobody`")],
        ),
        (
            "[tool.flowgen.overrides.x.machine]\nDeletionPolicy = 'Retain'\n",
            [("FG550", "pyproject.toml:2:27", "the stack has no resource `x.machine`")],
        ),
        (
            "[tool.flowgen.overrides.w.machine]\nRolArn = 'x'\n",
            [("FG551", "pyproject.toml:3:1", "`AWS::StepFunctions::StateMachine` has no property `RolArn`")],
        ),
        (
            "[tool.flowgen.overrides.WGoRole]\nPermissionsBoundary = 'x'\n",
            [("FG552", "pyproject.toml:3:1", "`PermissionsBoundary` must be an ARN, not `x`")],
        ),
        (
            "[tool.flowgen.overrides.WGoRole]\nPermissionsBoundary = {Ref = 'Boundary'}\n",
            [("FG503", "pyproject.toml:3:24", "the stack has no parameter or resource `Boundary`")],
        ),
        (
            "overrides = 5\n",
            [("FG120", "pyproject.toml:2:1", "`overrides` must be a mapping of resources to properties, not a number")],
        ),
        (
            "[tool.flowgen.overrides]\nWGoRole = 5\n",
            [("FG120", "pyproject.toml:3:1", "an override must be a mapping, not a number")],
        ),
        (
            "[tool.flowgen.stack.roles]\nboundary = 'developer-boundary'\n",
            [("FG120", "pyproject.toml:3:1", "`developer-boundary` is not an ARN")],
        ),
        (
            "[tool.flowgen.stack.roles]\npath = 'shop'\n",
            [("FG120", "pyproject.toml:3:1", "`shop` is not a valid path of IAM")],
        ),
        (
            "[tool.flowgen.stack.roles]\nprefix = 'a b'\n",
            [
                (
                    "FG120",
                    "pyproject.toml:3:1",
                    "`a b` is not a valid prefix: use at most 30 letters, digits and `+=,.@_-`",
                )
            ],
        ),
        (
            "[tool.flowgen.stack]\ntracin = true\n",
            [("FG120", "pyproject.toml:3:1", "`[tool.flowgen.stack]` has no key `tracin`")],
        ),
        (
            "[tool.flowgen.stack.notifications]\ntargets = []\n",
            [("FG120", "pyproject.toml:3:1", "`targets` must have at least one ARN")],
        ),
        (
            "[tool.flowgen.stack]\nalarms = {actions = {Ref = 'Alerts'}}\n",
            [("FG503", "pyproject.toml:3:22", "the stack has no parameter or resource `Alerts`")],
        ),
    ],
)  # fmt: skip
def test_bad_settings(tmp_path: Path, settings: str, findings: list[tuple[str, str, str]]) -> None:
    """At their line in pyproject.toml, with its text."""
    assert Project(tmp_path, settings, {}, w="").findings() == findings
    assert "pyproject.toml" in check_paths((), tmp_path).sources


def test_a_conflict_between_the_project_and_a_workflow(tmp_path: Path) -> None:
    """Neither of two exact paths wins; a path with `*` loses."""
    settings = "[tool.flowgen.overrides.w.functions.go]\nMemorySize = 512\n"
    more = "overrides: {functions.go: {MemorySize: 513}}\n"
    message = "`MemorySize` of `WGoFunction` has different values in two overrides"
    assert Project(tmp_path, settings, w=more).findings() == [("FG553", "workflows/w.yaml:5:28", message)]
    (tmp_path / "pyproject.toml").write_text('[tool.flowgen.overrides."*.functions.go"]\nMemorySize = 512\n')
    assert check_paths((), tmp_path).diagnostics == ()


def test_a_list_of_targets_in_a_parameter(tmp_path: Path) -> None:
    more = "parameters: {Targets: {Type: CommaDelimitedList}}\nnotifications: {targets: !Ref Targets}\n"
    Project(tmp_path, w=more)
    found = [_shown(one) for one in check_paths((), tmp_path, deployable=True).diagnostics]
    message = "`targets` cannot be a parameter with a list: a rule needs each target by itself"
    assert found == [("FG112", "workflows/w.yaml:6:26", message)]
