"""AWS's bounds on waits, timeouts and retries, the order of error lists, and steps that are never reached."""

from __future__ import annotations

import pytest

from tests.marked import findings, steps, the_finding, workflow

WORK = "functions: {work: {errors: [Refused]}}\n"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (
            "steps: [{id: a, wait: «1157 days 9h 46m 40s»}]\n",
            "a wait can be at most 99,999,999 seconds in AWS, but this is 100,000,000",
        ),
        ("timeout: «0s»\nsteps: []\n", "a timeout must be at least one second"),
        (
            "timeout: «1158 days»\nsteps: []\n",
            "a timeout can be at most 99,999,999 seconds in AWS, but this is 100,051,200",
        ),
        (f"{WORK}steps: [{{id: a, call: work, timeout: «0s»}}]\n", "a timeout must be at least one second"),
        ("defaults: {timeout: «0s»}\nsteps: []\n", "a timeout must be at least one second"),
        (
            "defaults: {function: {timeout: «16m»}}\nsteps: []\n",
            "a function's timeout can be at most 900 seconds in AWS",
        ),
        ("defaults: {function: {timeout: «0s»}}\nsteps: []\n", "a function's timeout must be at least one second"),
        ("defaults: {retry: {interval: «0s»}}\nsteps: []\n", "the interval of a retry must be at least one second"),
        (
            "defaults: {retry: {interval: «1158 days»}}\nsteps: []\n",
            "the interval of a retry can be at most 99,999,999 seconds",
        ),
        (
            "defaults: {retry: {max_interval: «366 days»}}\nsteps: []\n",
            "the longest interval of a retry can be at most 31,622,399",
        ),
        (
            "defaults: {retry: {interval: 5s, max_interval: «5s»}}\nsteps: []\n",
            "the longest interval must be longer than the first",
        ),
        ("defaults: {retry: {max_interval: «1s»}}\nsteps: []\n", "the longest interval must be longer than the first"),
        (
            f"{WORK}steps: [{{id: a, call: work, retry: {{interval: «0s»}}}}]\n",
            "the interval of a retry must be at least one",
        ),
        (
            f"{WORK}steps: [{{id: a, call: work, retry: [{{interval: «0s»}}]}}]\n",
            "the interval of a retry must be at least one",
        ),
    ],
)
def test_a_bound(body: str, message: str) -> None:
    """FG402 at the duration."""
    assert the_finding(workflow(body), "FG402").message.startswith(message)


def test_bounds_of_functions() -> None:
    """Their own timeout and retry."""
    body = "functions: {work: {timeout: 901s, retry: {interval: 0s}}}\nsteps: [{id: a, call: work}]\n"
    assert [found.code for found in findings(workflow(body))] == ["FG402", "FG402"]


def test_what_just_fits() -> None:
    """The bounds themselves are allowed."""
    body = (
        "timeout: 99999999s\n"
        "functions: {work: {timeout: 15m, retry: {interval: 1s, max_interval: 365 days}}}\n"
        "steps:\n"
        "  - {id: a, wait: 99999999s}\n"
        "  - {id: b, call: work, timeout: 1s, retry: {interval: 31622398s, max_interval: 31622399s}}\n"
        "  - {id: c, wait: 0s}\n"
    )
    assert findings(workflow(body)) == []


@pytest.mark.parametrize(
    ("modifier", "message"),
    [
        (
            "catch: [{errors: «[Refused, any]», steps: []}]",
            "this matches every error, so the other names have no effect",
        ),
        ("catch: [{errors: «[States.ALL, Refused]», steps: []}]", "this matches every error"),
        (
            "catch: [{errors: «[any]», steps: []}, {errors: [Refused], steps: []}]",
            "this matches every error, so later entries are never reached",
        ),
        ("retry: [«{attempts: 1}», {errors: [Refused]}]", "this matches every error, so later entries"),
        ("retry: [{errors: «any»}, {errors: [Refused]}]", "this matches every error, so later entries"),
    ],
)
def test_an_order_that_step_functions_rejects(modifier: str, message: str) -> None:
    """FG210: what takes all is alone, and last."""
    found = the_finding(workflow(f"{WORK}steps:\n  - id: a\n    call: work\n    {modifier}\n"), "FG210")
    assert found.message.startswith(message)


def test_orders_of_groups_functions_and_defaults() -> None:
    """Each list of errors, wherever it is."""
    both = "[{errors: [any]}, {errors: [Refused]}]"
    body = (
        f"defaults: {{retry: {both}}}\nfunctions: {{work: {{errors: [Refused], retry: {both}}}}}\n"
        "steps: [{id: g, steps: [{id: a, call: work}],"
        " catch: [{errors: any, steps: []}, {errors: Refused, steps: []}]}]\n"
    )
    assert {found.code for found in findings(workflow(body))} >= {"FG210"}
    assert [found.code for found in findings(workflow(body))].count("FG210") == 3


ENDED = "{id: s, switch: [{when: $input, steps: [{id: a, return: 1}]}], else: [{id: c, return: 2}]}"


@pytest.mark.parametrize(
    "body",
    [
        "  - {id: a, return: 1}\n  - {id: «b», set: 1}\n",
        "  - {id: a, fail: {error: E}}\n  - {id: «b», set: 1}\n  - {id: c, set: 1}\n",
        "  - {id: g, steps: [{id: a, return: 1}]}\n  - {id: «b», set: 1}\n",
        "  - {id: g, steps: [{id: a, return: 1}, {id: «b», set: 1}]}\n",
        "  - {id: s, switch: [{when: $input.x, steps: []}], else: []}\n  - {id: a, return: 1}\n  - {id: «b», set: 1}\n",
        f"  - {ENDED}\n  - {{id: «b», set: 1}}\n",
        "  - {id: s, switch: [{when: $input.x, steps: [{id: a, return: 1}, {id: «b», set: 1}]}]}\n",
    ],
)
def test_a_step_that_is_never_reached(body: str) -> None:
    """FG206, a warning, once for all that follow."""
    found = the_finding(steps(body), "FG206")
    assert (found.message, str(found.severity)) == ("`b` is unreachable", "warning")


@pytest.mark.parametrize(
    "body",
    [
        "  - {id: a, if: $input.x, return: 1}\n  - {id: b, set: 1}\n",
        "  - {id: g, if: $input.x, steps: [{id: a, return: 1}]}\n  - {id: b, set: 1}\n",
        "  - {id: s, switch: [{when: $input.x, steps: [{id: a, return: 1}]}]}\n  - {id: b, set: 1}\n",
        "  - {id: s, switch: [{when: $input.x, steps: [{id: a, return: 1}]}], else: []}\n  - {id: b, set: 1}\n",
        "  - {id: g, steps: [{id: a, fail: {error: E}}], catch: [{errors: E, steps: []}]}\n  - {id: b, set: 1}\n",
    ],
)
def test_a_step_that_may_be_reached(body: str) -> None:
    """Where one path at least leads to it."""
    assert [found.code for found in findings(steps(body)) if found.code == "FG206"] == []


def test_catchers_are_counted_before_they_are_made() -> None:
    """A thousand entries around a thousand calls are a million catchers, from a file that is small."""
    errors = ", ".join(f"E{i}" for i in range(1000))
    catch = "".join(f"      - {{errors: [E{i}], steps: []}}\n" for i in range(1000))
    calls = "".join(f"      - {{id: a{i}, call: work}}\n" for i in range(1000))
    text = (
        f"flowgen: 1\nname: «many»\nfunctions: {{work: {{errors: [{errors}]}}}}\n"
        f"steps:\n  - id: group\n    catch:\n{catch}    steps:\n{calls}"
    )
    assert the_finding(text, "FG402").message == ("the catchers of `many` alone exceed AWS's limit of 1,048,576 bytes")
