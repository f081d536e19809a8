"""What calls of AWS give, and which services there are: compared with botocore's models and AWS's own list."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowgen.asl.integrations import OPTIMIZED
from flowgen.aws.api import Api, api_of
from flowgen.aws.member_names import api_member
from flowgen.aws.results import FINISHED, FORMS, JSON_MEMBERS, SURELY
from flowgen.aws.sdk_actions import ENDED, sdk_services

pytest.importorskip("botocore")

NAMES = Path(__file__).with_name("sdk_services.txt").read_text(encoding="utf-8").split()
"""The services of the developer guide's lists, "Supported AWS SDK service integrations"."""


def api(service: str) -> Api:
    found = api_of(service)
    assert found is not None
    return found


def members(service: str, shape: str) -> set[str]:
    return {api_member(name) for name in api(service).shapes[shape]["members"]}


def test_every_service_of_awss_list_has_a_model_or_has_ended() -> None:
    """A name that AWS lists is never told to be unknown, and its calls have types as long as AWS has the service."""
    assert len(NAMES) == 393
    assert {name for name in NAMES if api_of(name) is None} <= ENDED
    assert {name for name in NAMES if name not in sdk_services().actions} <= ENDED
    assert not ENDED & sdk_services().actions.keys()


def test_every_job_that_can_be_waited_for_has_a_result() -> None:
    """All integrations with `.sync`, but the one that gives what Kubernetes says."""
    jobs = {(service, name) for service, actions in OPTIMIZED.items() for name, has in actions.items() if "s" in has}
    assert jobs - FINISHED.keys() == {("eks", "runJob")}
    assert FINISHED.keys() <= jobs


@pytest.mark.parametrize(("service", "action"), FINISHED)
def test_results_are_shapes_of_the_model(service: str, action: str) -> None:
    """Each names shapes that there are."""
    found = FINISHED[service, action]
    shapes = [found.shape] if found.shape else list(found.members.values())
    assert set(shapes) <= api(service).shapes.keys()
    assert not found.surely or found.surely in members(service, found.shape)


def test_forms_are_of_integrations_that_there_are() -> None:
    """Each is an action of its service, and names shapes that its model has."""
    for name, form in FORMS.items():
        service, _, action = name.partition(":")
        assert action in OPTIMIZED[service]
        kinds = [form.takes] if isinstance(form.takes, str) else [*form.takes.values()]
        shapes = {kind for kind in [*kinds, *form.gives.values()] if kind[0].isupper() and not kind.isupper()}
        assert not shapes or shapes <= api(service).shapes.keys()
    assert all(name.partition(":")[2].partition(".")[0] in OPTIMIZED[name.partition(":")[0]] for name in JSON_MEMBERS)


@pytest.mark.parametrize("service", SURELY)
def test_what_is_surely_there_is_a_member_that_the_model_calls_optional(service: str) -> None:
    """Else the row says nothing."""
    assert api(service).name == service
    for shape, names in SURELY[service].items():
        required = {api_member(name) for name in api(service).shapes[shape].get("required", ())}
        assert set(names.split()) <= members(service, shape) - required
