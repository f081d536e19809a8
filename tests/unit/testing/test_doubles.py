"""Doubles of calls: what may be for a function, and how each is checked against the function's contract."""

from __future__ import annotations

import json
import math
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from flowgen.testing import Workflow, in_turn, load, raises

ORDER = {
    "id": "A-1000",
    "customer": {"name": "Ada", "email": "ada@example.com", "country": "DE"},
    "lines": [{"sku": "kettle", "quantity": 1}],
    "card": {"token": "tok_visa", "holder": "ADA"},
}
PAID = {"method": "card", "reference": "r-1"}


def contracts(workflow: Workflow) -> Any:
    """The generated contracts of the project, as its tests would import them."""
    entry_point: Any = workflow.callees["charge"].entry_point
    assert entry_point is not None
    return entry_point.code.__globals__["contracts"]


def test_a_value_stands_for_a_step(place_order: Workflow) -> None:
    """The step's value is the double's."""
    run = place_order.run(ORDER, mocks={"charge": PAID})

    assert run.output["message"].endswith("by card.")
    assert run.called("charge", times=1).calls[2].function == "charge_card"


def test_a_double_gets_the_models_and_the_context(place_order: Workflow) -> None:
    """A callable is called as the function's code is."""
    seen = []

    def charge(event: Any, context: Any) -> dict[str, str]:
        seen.append((event.card.holder, context.step, context.attempt))
        return PAID

    place_order.run(ORDER, mocks={"charge_card": charge}).succeeded()

    assert seen == [("ADA", "charge", 1)]


def test_a_callable_may_leave_the_context_out(place_order: Workflow) -> None:
    """One parameter is the input."""
    run = place_order.run(ORDER, mocks={"charge": lambda event: {**PAID, "reference": event.order}})

    run.succeeded().called("parcel")


def test_a_step_comes_before_its_function(place_order: Workflow) -> None:
    """The double of the step is taken where both have one."""
    run = place_order.run(ORDER, mocks={"charge_card": raises("Other"), "charge": PAID})

    run.succeeded()


def test_a_declared_error_takes_its_details(place_order: Workflow) -> None:
    """The catcher reads the details that the double was made with."""
    declined = contracts(place_order).CardDeclined

    run = place_order.run(ORDER, mocks={"charge": raises(declined, {"reason": "stolen"})})

    run.failed("OrderRefused", "The card was declined: stolen").took_path("charge", "give_back", "declined")


def test_an_exception_is_a_double(place_order: Workflow) -> None:
    """An exception that has no contract fails the step by the name of its class."""
    assert place_order.run(ORDER, mocks={"charge": KeyError("x")}).error == "KeyError"
    assert place_order.run(ORDER, mocks={"charge": KeyError}).error == "KeyError"


def test_errors_of_the_service_have_their_cause_as_it_is(place_order: Workflow) -> None:
    """`Lambda.` and `States.` names are not exceptions of the code: six retries of Lambda's own faults, then the
    end."""
    run = place_order.run(ORDER, mocks={"charge": raises("Lambda.ServiceException", "down")})

    run.failed("Lambda.ServiceException").called("charge", times=7)
    assert run.cause == "down"
    # 2, 4, 8, 16, 32 and 64 seconds (Retry of Lambda's transient faults: interval 2, backoff 2).
    assert run.elapsed == timedelta(seconds=126)


def test_doubles_in_turn(place_order: Workflow) -> None:
    """The first call gets the first, the second the second."""
    busy = raises(contracts(place_order).GatewayBusy, {"seconds": 5})

    run = place_order.run(ORDER, mocks={"charge": in_turn(busy, busy, PAID)})

    run.succeeded().retried("charge", 2)
    assert run.elapsed == timedelta(seconds=5 + 10)


def test_an_additional_call_fails_the_test(place_order: Workflow) -> None:
    """A step that is called more often than there are doubles is a mistake, not a failure of the step."""
    busy = raises(contracts(place_order).GatewayBusy, {"seconds": 5})

    with pytest.raises(AssertionError, match="`charge` has only 1 mock, but was called again"):
        place_order.run(ORDER, mocks={"charge": in_turn(busy)})


def test_a_double_that_breaks_the_contract_fails_the_test(place_order: Workflow) -> None:
    """Neither a wrong output nor wrong details are what the function could give."""
    with pytest.raises(AssertionError, match=r"the mock of `charge` violates the contract: .* \$\.method"):
        place_order.run(ORDER, mocks={"charge": {"method": "cash", "reference": "r"}})
    declined = contracts(place_order).CardDeclined
    with pytest.raises(AssertionError, match=r"violates the contract: the error `CardDeclined`"):
        place_order.run(ORDER, mocks={"charge": raises(declined, {"reason": "mood"})})


def test_an_assertion_in_a_double_is_the_tests(place_order: Workflow) -> None:
    """It ends the run as it is; no step retries or catches it."""

    def charge(event: Any) -> None:
        assert event.amount == 0, "nothing is free"

    with pytest.raises(AssertionError, match="nothing is free"):
        place_order.run(ORDER, mocks={"charge": charge})


def test_names_that_nothing_has(place_order: Workflow) -> None:
    """The message names the nearest one."""
    with pytest.raises(ValueError, match=r"mocks: .* `chrge`; did you mean `charge`?"):
        place_order.run(ORDER, mocks={"chrge": PAID})
    with pytest.raises(ValueError, match=r"fail: .* `amount`"):
        place_order.run(ORDER, fail={"amount": "States.Timeout"})
    with pytest.raises(ValueError, match=r"delay: .* `charge_card`"):
        place_order.run(ORDER, delay={"charge_card": 1})


def test_a_fault_befalls_all_attempts(place_order: Workflow) -> None:
    """A declared error by its name comes with a sample of its details; three retries as the step says."""
    run = place_order.run(ORDER, fail={"charge": "GatewayBusy"})

    run.failed("GatewayBusy").retried("charge", 3)


def test_a_fault_befalls_so_many_attempts(place_order: Workflow) -> None:
    """After them the double, or the function itself, is called."""
    run = place_order.run(ORDER, fail={"charge": ("GatewayBusy", 2)}, mocks={"charge": PAID})

    run.succeeded().retried("charge", 2).called("charge", times=3)


def test_a_fault_is_an_exception_too(place_order: Workflow) -> None:
    """The workflow catches a declared one, with its details."""
    declined = contracts(place_order).CardDeclined

    run = place_order.run(ORDER, fail={"charge": raises(declined, {"reason": "expired"})})

    run.failed("OrderRefused", "expired")
    assert place_order.run(ORDER, fail={"quote": OSError("disk")}).error == "OSError"


def test_a_delay_is_added(place_order: Workflow) -> None:
    """In seconds, or as a timedelta; of doubles and of functions."""
    run = place_order.run(ORDER, delay={"charge": 30, "parcel": timedelta(minutes=10)}, mocks={"charge": PAID})

    assert run.elapsed == timedelta(minutes=10, seconds=30)


def test_the_answer_of_a_service(foreign: Workflow) -> None:
    """The double of a task that waits for a token is the answer to it; its callable gets the arguments."""
    asked = []

    def ask(arguments: dict[str, Any]) -> list[int]:
        asked.append(arguments["MessageBody"])
        return [1, 2]

    run = foreign.run({"n": 7}, mocks={"Ask": ask, "one": [3, 4], "Item": lambda item: item * 2})

    assert (asked, run.output) == ([7], [6, 8])


def test_a_service_without_a_double_is_reported(foreign: Workflow) -> None:
    """Nothing here can be called for it, and a test that reaches it says so."""
    with pytest.raises(AssertionError, match=r"which has no mock: add mocks=\{'Ask': …\}"):
        foreign.run({"n": 7})
    with pytest.raises(
        AssertionError, match=r"`One` calls the function `one`, which has no mock: add mocks=\{'One': …\}"
    ):
        foreign.run({"n": 7}, mocks={"Ask": []})


def test_a_call_that_is_never_answered(foreign: Workflow) -> None:
    """A delay without end runs into the timeout of the state."""
    run = foreign.run({"n": 7}, mocks={"Ask": []}, delay={"Ask": math.inf})

    run.succeeded().took_path("Ask", "Late", exactly=True)
    assert run.elapsed == timedelta(seconds=60)


def test_a_double_of_an_aws_service_has_the_names_of_its_members(tmp_path: Path) -> None:
    """A name of the API's model that Step Functions spells differently fails the test, with the right name."""
    resource = "arn:aws:states:::aws-sdk:rds:describeDBInstances"
    machine = {"StartAt": "Look", "States": {"Look": {"Type": "Task", "Resource": resource, "End": True}}}
    (tmp_path / "machine.asl.json").write_text(json.dumps(machine))
    workflow = load("machine.asl.json", tmp_path)
    right, wrong = {"DbInstances": [{"DbName": "x"}]}, {"DbInstances": [{"DBName": "x"}]}

    assert workflow.run(mocks={"Look": right}).output == right
    for double in (wrong, lambda _: wrong):
        with pytest.raises(AssertionError, match="`DBInstance` has no member `DBName`; write `DbName`"):
            workflow.run(mocks={"Look": double})
