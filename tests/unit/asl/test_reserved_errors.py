"""Which entries of Retry and Catch match which errors."""

from __future__ import annotations

import pytest

from flowgen.asl.reserved_errors import RESERVED_ERRORS, matches

UNCAUGHT_BY_ALL = {"States.DataLimitExceeded", "States.Runtime"}
UNCAUGHT_BY_TASK_FAILED = {"States.HeartbeatTimeout", "States.Runtime", "States.Timeout"}
"""From the developer guide, "Handling errors in Step Functions workflows"."""


@pytest.mark.parametrize("error", [*RESERVED_ERRORS, "Broken", None])
def test_wildcards(error: str | None) -> None:
    """Each wildcard matches every error but those that the guide excepts."""
    assert matches(frozenset({"States.ALL"}), error) is (error not in UNCAUGHT_BY_ALL)
    assert matches(frozenset({"States.TaskFailed"}), error) is (error not in UNCAUGHT_BY_TASK_FAILED)


@pytest.mark.parametrize("error", [*RESERVED_ERRORS, "Broken"])
def test_names(error: str) -> None:
    """Each error is matched by its own name, except for States.Runtime, which always fails the execution."""
    assert matches(frozenset({error}), error) is (error != "States.Runtime")
    assert not matches(frozenset({"Other"}), error)
    assert not matches(frozenset(), error)


def test_an_alias_matches_as_a_name() -> None:
    """A missed heartbeat is known by both of its names."""
    missed = ("States.Timeout", "States.HeartbeatTimeout")
    for name in missed:
        assert matches(frozenset({name}), *missed)
    assert not matches(frozenset({"States.HeartbeatTimeout"}), "States.Timeout")


@pytest.mark.parametrize("error", RESERVED_ERRORS)
def test_each_says_what_it_means(error: str) -> None:
    """In sentences; every name has the service's prefix."""
    assert error.startswith("States.")
    assert RESERVED_ERRORS[error].meaning.endswith(".")
