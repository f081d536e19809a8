"""The job and its notifications, with mocks instead of ECS and SNS."""

from datetime import timedelta
from typing import Any

from flowgen.testing import Flowgen

from run_report.generated.models import Outcome, Report

WORKFLOW = "workflows/run_report.yaml"
MAY = Report(month="2026-05")
SENT = {"MessageId": "m-1"}
SERVICES: dict[str, Any] = {
    "make_report": {"Containers": [{"ExitCode": 0}]},
    "tell_success": SENT,
    "tell_failure": SENT,
}


def test_the_workflow_waits_for_the_report(flowgen: Flowgen) -> None:
    run = flowgen(WORKFLOW).run(MAY, mocks=SERVICES, delay={"make_report": timedelta(hours=2)})

    assert run.output_as(Outcome) == Outcome(month="2026-05", done=True)
    assert run.elapsed == timedelta(hours=2)
    overrides = {"ContainerOverrides": [{"Name": "report", "Command": ["--month", "2026-05"]}]}
    run.called("make_report", with_={"Overrides": overrides}, times=1)


def test_a_failure_is_announced(flowgen: Flowgen) -> None:
    run = flowgen(WORKFLOW).run(MAY, mocks=SERVICES, fail={"make_report": "States.TaskFailed"})

    assert run.took_path("make_report", "tell_failure", exactly=True).output == {"month": "2026-05", "done": False}


def test_the_workflow_times_out_after_six_hours(flowgen: Flowgen) -> None:
    run = flowgen(WORKFLOW).run(MAY, mocks=SERVICES, delay={"make_report": timedelta(hours=24)})

    assert (run.status, run.elapsed) == ("TIMED_OUT", timedelta(hours=6))
