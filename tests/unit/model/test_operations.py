"""What tunes the stack: how it is read, and what is reported of what AWS would not take."""

from __future__ import annotations

import pytest

from flowgen.diagnostics import Sink
from flowgen.model import Alarms, Logging, Workflow, read_workflow
from flowgen.model.leaves import Duration
from flowgen.source import read


def _read(top: str) -> tuple[Workflow | None, list[tuple[str, str]]]:
    """The workflow, and code and text at the place of each finding."""
    text = f"flowgen: 1\nname: small\n{top}\nsteps: []\n"
    sink = Sink()
    root = read("workflow.yaml", text, sink)
    assert root is not None
    made = read_workflow(root, sink)
    lines = text.splitlines()
    found = []
    for one in sink:
        assert one.span is not None
        start, end = one.span.start, one.span.end
        found.append((one.code, lines[start.line - 1][start.column - 1 : end.column - 1]))
    return made, found


def _workflow(top: str) -> Workflow:
    made, found = _read(top)
    assert made is not None, found
    return made


def test_everything_is_on_by_default_except_a_key() -> None:
    """Alarms, logs and traces are there without a word; a key of one's own costs money."""
    made = _workflow("")

    assert (made.alarms, made.logging, made.tracing, made.encryption) == (True, True, True, False)
    assert (made.deployment, made.tags) == (None, {})


def test_an_empty_mapping_is_the_default() -> None:
    """Its keys have the same values as where there is no mapping at all."""
    made = _workflow("alarms: {}\nlogging: {}\ndeployment: {}")

    assert isinstance(made.alarms, Alarms)
    assert (made.alarms.actions, made.alarms.failed) == ((), None)
    assert isinstance(made.logging, Logging)
    assert (made.logging.level, made.logging.data, made.logging.retention) == ("all", False, Duration(30 * 86_400))
    assert made.deployment is not None
    assert (made.deployment.versions, made.deployment.is_gradual, made.deployment.rollback) == (True, False, True)


ARN = "arn:aws:sns:eu-west-1:123456789012:alerts"
KEY = "arn:aws:kms:eu-west-1:123456789012:key/0a1b"


@pytest.mark.parametrize(
    ("top", "code", "at"),
    [
        ("alarms: yes please", "FG102", "yes please"),
        ("alarms: {failed: 3}", "FG102", "3"),
        ("alarms: {fail: false}", "FG101", "fail"),
        ("alarms: {failed: {threshold: 0}}", "FG112", "0"),
        ("alarms: {failed: {period: 90s}}", "FG112", "90s"),
        ("alarms: {failed: {period: 0s}}", "FG112", "0s"),
        ("alarms: {failed: {periods: 0}}", "FG112", "0"),
        ("alarms: {actions: alerts}", "FG102", "alerts"),
        ('alarms: {actions: "${ $resources.Topic }"}', "FG102", '"${ $resources.Topic }"'),
        (f"alarms: {{actions: [{', '.join([ARN] * 6)}]}}", "FG402", f"[{', '.join([ARN] * 6)}]"),
        ("logging: all", "FG102", "all"),
        ("logging: {level: debug}", "FG102", "debug"),
        ("logging: {retention: 31 days}", "FG112", "31 days"),
        ("logging: {retention: always}", "FG106", "always"),
        ("tracing: {}", "FG102", "{}"),
        ("encryption: {key: alias/shop}", "FG102", "alias/shop"),
        ("encryption: {reuse: 59s}", "FG112", "59s"),
        ("encryption: {reuse: 901s}", "FG112", "901s"),
        ("deployment: canary", "FG102", "canary"),
        ("deployment: {type: canary, interval: 5m}", "FG103", "canary"),
        ("deployment: {type: linear, percent: 5}", "FG103", "linear"),
        ("deployment: {percent: 5}", "FG102", "5"),
        ("deployment: {rollback: false}", "FG102", "false"),
        ("deployment: {type: canary, percent: 100, interval: 5m}", "FG112", "100"),
        ("deployment: {type: canary, percent: 5, interval: 90s}", "FG112", "90s"),
        ("deployment: {type: canary, percent: 5, interval: 36 hours}", "FG112", "36 hours"),
        ("deployment: {versions: false, type: canary, percent: 5, interval: 5m}", "FG102", "canary"),
        ("deployment: {versions: false, rollback: true}", "FG102", "true"),
        ("tags: [a]", "FG102", "[a]"),
        ("tags: {a: 1}", "FG102", "1"),
        ("tags: {'aws:a': b}", "FG107", "'aws:a'"),
        ("tags: {'a!': b}", "FG107", "'a!'"),
        (f"tags: {{{'a' * 129}: b}}", "FG107", "a" * 129),
        ("tags: {a: 'b!'}", "FG112", "'b!'"),
        (f"tags: {{a: {'b' * 257}}}", "FG112", "b" * 257),
        ("functions: {f: {storage: 511}}", "FG112", "511"),
        ("functions: {f: {storage: 10241}}", "FG112", "10241"),
        ("functions: {f: {concurrency: -1}}", "FG112", "-1"),
        ("functions: {f: {layers: tools}}", "FG102", "tools"),
        (f"functions: {{f: {{layers: [{', '.join([ARN] * 6)}]}}}}", "FG402", f"[{', '.join([ARN] * 6)}]"),
        ("functions: {f: {vpc: {subnets: [a]}}}", "FG103", "subnets"),
        ("functions: {f: {environment: {AB: [a]}}}", "FG102", "[a]"),
        ("functions: {f: {policies: [{Effect: Allow}]}}", "FG103", "{Effect: Allow}"),
        ("conditions: {A: b}", "FG102", "b"),
        ("conditions: {a: !Equals [a, b]}", "FG107", "a"),
        ("mappings: {A: b}", "FG102", "b"),
        ("outputs: {A: {Description: b}}", "FG103", "A"),
        ("outputs: {A: {Value: b, Name: c}}", "FG101", "Name"),
    ],
)
def test_what_aws_would_not_take_is_reported_at_its_place(top: str, code: str, at: str) -> None:
    """Each once."""
    assert _read(top) == (None, [(code, at)])


@pytest.mark.parametrize(
    "top",
    [
        f"alarms: {{actions: {ARN}, ok_actions: [!Ref Topic], failed: {{threshold: 1, period: 1m, periods: 1}}}}",
        "logging: {retention: 1 day}",
        "logging: {retention: 3653 days}",
        "logging: {retention: forever}",
        f"encryption: {{key: '{KEY}', reuse: 60s}}",
        "encryption: {reuse: 15m}",
        "deployment: {type: linear, percent: 1, interval: 35 hours}",
        "deployment: {type: all_at_once}",
        f"tags: {{{'a' * 128}: {'b' * 256}, 'Straße 1': 'a_.:/=+-@', empty: ''}}",
        "functions: {f: {storage: 512, concurrency: 0, layers: [], vpc: {subnets: !Ref Nets, security_groups: []}}}",
    ],
)
def test_what_is_at_a_limit_is_taken(top: str) -> None:
    """The bounds themselves are allowed."""
    _workflow(top)


def test_fifty_tags_and_no_more() -> None:
    """AWS counts them."""

    def tags(count: int) -> str:
        return f"tags: {{{', '.join(f'k{number}: v' for number in range(count))}}}"

    _workflow(tags(50))
    assert [code for code, _ in _read(tags(51))[1]] == ["FG402"]
