"""The supported actions by name, and how a request becomes a response."""

from __future__ import annotations

import json
import traceback
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeAlias

from flowgen.asl.json_text import parse
from flowgen.serving import (
    execution_actions,
    machine_actions,
    map_run_actions,
    task_actions,
    trial_actions,
    version_actions,
)
from flowgen.serving.api_errors import ApiError
from flowgen.serving.service import Service
from flowgen.serving.service_model import TARGET, check

Action: TypeAlias = Callable[[Service, Mapping[str, Any]], Awaitable[dict[str, Any]]]

ACTIONS: Mapping[str, Action] = {
    "CreateActivity": task_actions.create_activity,
    "CreateStateMachine": machine_actions.create_state_machine,
    "CreateStateMachineAlias": version_actions.create_alias,
    "DeleteActivity": task_actions.delete_activity,
    "DeleteStateMachine": machine_actions.delete_state_machine,
    "DeleteStateMachineAlias": version_actions.delete_alias,
    "DeleteStateMachineVersion": version_actions.delete_version,
    "DescribeActivity": task_actions.describe_activity,
    "DescribeExecution": execution_actions.describe_execution,
    "DescribeMapRun": map_run_actions.describe_map_run,
    "DescribeStateMachine": machine_actions.describe_state_machine,
    "DescribeStateMachineAlias": version_actions.describe_alias,
    "DescribeStateMachineForExecution": execution_actions.describe_machine_for_execution,
    "GetActivityTask": task_actions.get_activity_task,
    "GetExecutionHistory": execution_actions.get_execution_history,
    "ListActivities": task_actions.list_activities,
    "ListExecutions": execution_actions.list_executions,
    "ListMapRuns": map_run_actions.list_map_runs,
    "ListStateMachineAliases": version_actions.list_aliases,
    "ListStateMachineVersions": version_actions.list_versions,
    "ListStateMachines": machine_actions.list_state_machines,
    "ListTagsForResource": machine_actions.list_tags,
    "PublishStateMachineVersion": version_actions.publish_version,
    "RedriveExecution": execution_actions.redrive_execution,
    "SendTaskFailure": task_actions.send_task_failure,
    "SendTaskHeartbeat": task_actions.send_task_heartbeat,
    "SendTaskSuccess": task_actions.send_task_success,
    "StartExecution": execution_actions.start_execution,
    "StartSyncExecution": execution_actions.start_sync_execution,
    "StopExecution": execution_actions.stop_execution,
    "TagResource": machine_actions.tag_resource,
    "TestState": trial_actions.test_state,
    "UntagResource": machine_actions.untag_resource,
    "UpdateMapRun": map_run_actions.update_map_run,
    "UpdateStateMachine": machine_actions.update_state_machine,
    "UpdateStateMachineAlias": version_actions.update_alias,
    "ValidateStateMachineDefinition": machine_actions.validate_definition,
}


async def respond(service: Service, target: str, body: bytes) -> tuple[int, bytes]:
    """The status and the body of the response to a request. `target` is the header `X-Amz-Target`."""
    try:
        response = await _performed(service, target, body)
        service.commit()
    except ApiError as error:
        content = {"__type": error.code, "message": error.message}
        return error.status, json.dumps(content, ensure_ascii=False).encode("utf-8", "replace")
    except Exception:  # noqa: BLE001 - a bug must not end the connection without a response
        traceback.print_exc()
        content = {"__type": "InternalFailure", "message": "flowgen serve failed; its error output has the details"}
        return 500, json.dumps(content).encode()
    return 200, json.dumps(response, ensure_ascii=False).encode("utf-8", "replace")


async def _performed(service: Service, target: str, body: bytes) -> dict[str, Any]:
    action = ACTIONS.get(target.removeprefix(TARGET)) if target.startswith(TARGET) else None
    if action is None:
        supported = ", ".join(ACTIONS)
        raise ApiError("UnknownOperationException", f"Unknown operation '{target}'. Supported: {supported}")
    try:
        request = parse(body.decode("utf-8") or "{}")
    except ValueError as error:
        raise ApiError("SerializationException", f"The body of the request is not valid JSON: {error}") from None
    check(target.removeprefix(TARGET), request)
    return await action(service, {name: value for name, value in request.items() if value is not None})
