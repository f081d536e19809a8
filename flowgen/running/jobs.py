"""Jobs that `.sync` waits for, by polling (developer guide, "Run a Job (.sync)")."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flowgen.local import TaskError
from flowgen.local.values import JSON
from flowgen.running.boto_values import from_boto


@dataclass(frozen=True, slots=True)
class Job:
    """How to poll a job: the call, its arguments, and where its response has the job and its status."""

    describe: str
    arguments: Callable[[Mapping[str, JSON], Mapping[str, JSON]], dict[str, JSON]]
    """Builds the arguments from the response and the arguments of the call that started the job."""
    job: Callable[[Mapping[str, JSON]], Any]
    status: Callable[[Mapping[str, JSON]], str]
    good: frozenset[str]
    bad: frozenset[str]

    def wait(
        self,
        client: Any,
        started: Mapping[str, JSON],
        asked: Mapping[str, JSON],
        sleep: Callable[[float], None],
        poll: float,
    ) -> JSON:
        """Wait for a job and return it. Raises `TaskError` if it failed."""
        arguments = self.arguments(started, asked)
        model = client.meta.service_model.operation_model(client.meta.method_to_api_mapping[self.describe])
        while True:
            answer = getattr(client, self.describe)(**arguments)
            status = self.status(answer)
            if status in self.good | self.bad:
                described = self.job(
                    from_boto({k: v for k, v in answer.items() if k != "ResponseMetadata"}, model.output_shape)
                )
                if status in self.bad:
                    raise TaskError("States.TaskFailed", json.dumps(described, ensure_ascii=False))
                return described
            sleep(poll)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _ecs_status(answer: Mapping[str, JSON]) -> str:
    task = answer["tasks"][0]
    if task["lastStatus"] != "STOPPED":
        return str(task["lastStatus"])
    failed = any(container.get("exitCode") not in (0, None) for container in task.get("containers", ()))
    return "FAILED" if failed else "STOPPED"


JOBS: Mapping[tuple[str, str], Job] = {
    ("athena", "startQueryExecution"): Job(
        "get_query_execution",
        lambda started, _: {"QueryExecutionId": started["QueryExecutionId"]},
        lambda answer: answer,
        lambda answer: str(answer["QueryExecution"]["Status"]["State"]),
        _words("SUCCEEDED"),
        _words("FAILED CANCELLED"),
    ),
    ("batch", "submitJob"): Job(
        "describe_jobs",
        lambda started, _: {"jobs": [started["jobId"]]},
        lambda answer: answer["Jobs"][0],
        lambda answer: str(answer["jobs"][0]["status"]),
        _words("SUCCEEDED"),
        _words("FAILED"),
    ),
    ("codebuild", "startBuild"): Job(
        "batch_get_builds",
        lambda started, _: {"ids": [started["build"]["id"]]},
        lambda answer: {"Build": answer["Builds"][0]},
        lambda answer: str(answer["builds"][0]["buildStatus"]),
        _words("SUCCEEDED"),
        _words("FAILED FAULT STOPPED TIMED_OUT"),
    ),
    ("ecs", "runTask"): Job(
        "describe_tasks",
        lambda started, _: {
            "cluster": started["tasks"][0]["clusterArn"],
            "tasks": [task["taskArn"] for task in started["tasks"]],
        },
        lambda answer: answer["Tasks"][0],
        _ecs_status,
        _words("STOPPED"),
        _words("FAILED"),
    ),
    ("glue", "startJobRun"): Job(
        "get_job_run",
        lambda started, asked: {"JobName": asked["JobName"], "RunId": started["JobRunId"]},
        lambda answer: answer["JobRun"],
        lambda answer: str(answer["JobRun"]["JobRunState"]),
        _words("SUCCEEDED"),
        _words("FAILED STOPPED TIMEOUT ERROR"),
    ),
}
"""The jobs that can be polled, by the service and the action that starts them."""
