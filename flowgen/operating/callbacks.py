"""Answers to task tokens, from the command line."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Final

from flowgen.deploying import Cloud, Refused
from flowgen.deploying.aws_errors import code_of, message_of
from flowgen.diagnostics import Diagnostic
from flowgen.local.values import JSON
from flowgen.operating.names import NotValid

LONGEST_TOKEN: Final = 2048
"""Step Functions API Reference, `SendTaskSuccess`, `taskToken`."""

_TOKEN: Final = re.compile(r"[A-Za-z0-9+/=_.-]+")
_TOO_LATE: Final = frozenset({"TaskTimedOut", "TaskDoesNotExist"})


@dataclass(frozen=True, slots=True)
class Answer:
    """What to answer: an output, an error with its cause, or, with neither, a heartbeat."""

    output: JSON = None
    error: str | None = None
    cause: str = ""
    heartbeat: bool = False


def check_token(text: str) -> str:
    """A string that can be a task token. Raises `NotValid`."""
    token = text.strip()
    if not token:
        raise NotValid("the task token is empty")
    if len(token) > LONGEST_TOKEN:
        raise NotValid(f"a task token has at most {LONGEST_TOKEN:,} characters; this one has {len(token):,}")
    if not _TOKEN.fullmatch(token):
        raise NotValid("this is not a task token: a token has only letters, digits and `+/=`; copy all of it")
    return token


def send_answer(cloud: Cloud, token: str, answer: Answer) -> None:
    """Sends an answer. Raises `Refused` (FG706) if nothing waits for it."""
    from botocore.exceptions import ClientError

    client = cloud.stepfunctions
    try:
        if answer.heartbeat:
            client.send_task_heartbeat(taskToken=token)
        elif answer.error is not None:
            client.send_task_failure(taskToken=token, error=answer.error, cause=answer.cause)
        else:
            client.send_task_success(taskToken=token, output=json.dumps(answer.output, ensure_ascii=False))
    except ClientError as error:
        if code_of(error) in _TOO_LATE:
            help_ = "its step has timed out, the execution has ended, or somebody has already answered"
            message = "nothing waits for an answer to this task token"
            raise Refused(Diagnostic("FG706", message, None, notes=(message_of(error),), help=help_)) from None
        if code_of(error) == "InvalidToken":
            help_ = f"copy the whole token, and check that it is from {cloud.region} and account {cloud.account}"
            message = "AWS does not know this task token"
            raise Refused(Diagnostic("FG706", message, None, notes=(message_of(error),), help=help_)) from None
        raise
