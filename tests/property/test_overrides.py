"""Overrides of any form: `check` reports or accepts them, and what it accepts is a template."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from flowgen.model.overrides import ATTRIBUTES
from flowgen.pipeline import check_paths, explain, template
from tests.cfn_lint import lint

PATHS = (
    "machine", "machine.role", "machine.alias", "machine.version", "functions.go", "functions.go.role", "functions.*",
    "functions.go.version", "functions.*.log_group", "alarms.failed", "alarms.*", "*", "nothing", "WGoRole", "Topic",
    "triggers.nightly", "triggers.nightly.dead_letter_queue", "notifications", "dashboard",
)  # fmt: skip
PROPERTIES = (
    "MemorySize", "Environment", "Environment.Variables", "Environment.Variables.LEVEL", "LoggingConfig", "Tags",
    "LoggingConfig.SystemLogLevel", "TracingConfig.Mode", "Layers.0", "Role", "RoleArn", "Policies", "Policies.0",
    "Policies.1.PolicyName", "Policies.0.PolicyDocument", "ManagedPolicyArns", "PermissionsBoundary", "Path",
    "Dimensions.0.Value", "Dimensions.9999999999", "Threshold", "AlarmActions", "RetentionInDays", "Targets.0.Id",
    "Description", "Definition", "StateMachineName", "DashboardBody", "Nothing", "Arn",
)  # fmt: skip
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-1, 20_000),
    st.sampled_from(("", "x", "JSON", "WARN", "512", "/a/", "arn:aws:iam::123456789012:policy/b", "{{resolve:ssm:x}}")),
    st.sampled_from(({"Ref": "Topic"}, {"Fn::Sub": "${Topic}-a"}, {"Fn::If": ["IsProd", "a", "b"]}, {"Ref": ["a"]})),
    st.sampled_from(({}, [], ["x"], [{"Key": "a", "Value": "b"}], {"LEVEL": "info"}, {"a": {"b": [None]}})),
)
ATTRIBUTE_VALUES = st.sampled_from(
    ("Retain", "Delete", "Snapshot", "IsProd", "Topic", ["Topic"], {"a": 1}, None, 5, [])
)
OVERRIDE = st.one_of(
    st.dictionaries(st.sampled_from(PROPERTIES), VALUES, max_size=2),
    st.dictionaries(st.sampled_from(ATTRIBUTES), ATTRIBUTE_VALUES, max_size=2),
)


def _project(folder: Path, overrides: Any) -> None:
    content = {
        "flowgen": 1,
        "name": "w",
        "output": "any",
        "functions": {"go": {}},
        "conditions": {"IsProd": {"Fn::Equals": ["a", {"Ref": "AWS::Region"}]}},
        "resources": {"Topic": {"Type": "AWS::SNS::Topic"}},
        "triggers": {"nightly": {"schedule": "rate(1 day)"}},
        "notifications": {"targets": "arn:aws:sns:eu-west-1:123456789012:t"},
        "dashboard": True,
        "overrides": overrides,
        "steps": [{"id": "a", "call": "go"}],
    }
    (folder / "workflows").mkdir()
    (folder / "workflows" / "w.yaml").write_text(json.dumps(content))
    (folder / "pyproject.toml").write_text("[tool.flowgen]\n")


@settings(max_examples=60)
@given(overrides=st.dictionaries(st.sampled_from(PATHS), OVERRIDE, max_size=3))
def test_what_check_accepts_has_a_template(overrides: dict[str, Any]) -> None:
    """No override raises, each problem has a position, and the form of an accepted template satisfies cfn-lint."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _project(folder, overrides)
        report = check_paths((), folder)
        assert all(one.span is not None for one in report.diagnostics)
        if report.failed:
            return
        text, problems = template(report.loaded, "json")
        listing, _ = explain(report.loaded)
    assert text is not None, problems
    assert listing is not None
    shown = {line.split()[0] for line in listing.splitlines() if " is overridden in " in line}
    assert shown == {key for override in overrides.values() for key in override}
    assert [finding for finding in lint(text) if finding.startswith(FORM)] == []


FORM = ("E0", "E10", "E30", "E31")
"""cfn-lint's rules for the form of templates and for schemas; other rules compare properties with each other."""
