"""`policies`: statements as IAM has them, checked in their shape and unchanged."""

from __future__ import annotations

import pytest

from flowgen.diagnostics import Sink
from flowgen.model import Workflow, read_workflow
from flowgen.source import read


def _read(policies: str) -> tuple[Workflow | None, list[tuple[str, str]]]:
    sink = Sink()
    root = read("workflow.yaml", f"flowgen: 1\nname: small\npolicies: {policies}\nsteps: []\n", sink)
    made = None if root is None else read_workflow(root, sink)
    return made, [(found.code, found.message) for found in sink]


def test_statements_are_kept_in_long_form() -> None:
    """CloudFormation's tags become its functions; `${ }` in them is its own."""
    made, told = _read("[{Sid: A1, Effect: Allow, Action: ['s3:*'], Resource: !Sub '${Inbox.Arn}/*', Condition: {}}]")

    assert told == []
    assert made is not None
    assert made.policies == (
        {
            "Sid": "A1",
            "Effect": "Allow",
            "Action": ["s3:*"],
            "Resource": {"Fn::Sub": "${Inbox.Arn}/*"},
            "Condition": {},
        },
    )


@pytest.mark.parametrize(
    ("policies", "code", "message"),
    [
        ("{Effect: Allow}", "FG102", "`policies` must be a list of statements, not a mapping"),
        ("[allow]", "FG102", "a statement must be a mapping, not a string"),
        ("[{Effect: Allow, Actions: a, Resource: b}]", "FG101", "unknown key `Actions` in an IAM statement"),
        ("[{Action: a, Resource: b}]", "FG103", "a statement needs the key `Effect`"),
        ("[{Effect: Allow, Resource: b}]", "FG103", "a statement needs the key `Action` or `NotAction`"),
        ("[{Effect: Allow, Action: b}]", "FG103", "a statement needs the key `Resource` or `NotResource`"),
        ("[{Effect: allow, Action: a, Resource: b}]", "FG102", "`Effect` must be `Allow` or `Deny`"),
        (
            "[{Sid: a b, Effect: Allow, Action: a, Resource: b}]",
            "FG107",
            "a `Sid` may contain only letters and digits",
        ),
    ],
)
def test_what_iam_would_reject(policies: str, code: str, message: str) -> None:
    """Each mistake is reported once, and there is no workflow."""
    assert _read(policies) == (None, [(code, message)])
