"""Errors of AWS that people can act on, as diagnostics."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flowgen.deploying import Refused
from flowgen.deploying.aws_errors import refusal

PAGE = "docs/how-to/operate-deployed-workflows.md lists the permissions that each command needs"


@contextmanager
def api(profile: str | None) -> Iterator[None]:
    """Raises `Refused` (FG544) instead of the errors of boto3 and botocore."""
    from botocore.exceptions import BotoCoreError, ClientError
    from botocore.parsers import ResponseParserError

    try:
        yield
    except (BotoCoreError, ClientError, ResponseParserError) as error:
        raise Refused(refusal(error, profile, permissions=PAGE)) from None
