"""Connection to AWS: clients of the services that a deployment uses, the account and the region."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from flowgen.deploying.aws_errors import Refused, no_region, refusal, unreadable

_ATTEMPTS: Final = 8
"""Attempts per call, with the SDK's back-off: CloudFormation throttles early."""


class NoBoto(Exception):  # noqa: N818 - reported as wrong usage
    """boto3 is not installed."""


@dataclass(frozen=True, slots=True)
class Cloud:
    """Clients for an account and region. `sleep` waits for a number of seconds."""

    account: str
    region: str
    partition: str
    profile: str | None
    cloudformation: Any
    s3: Any
    stepfunctions: Any
    sleep: Callable[[float], None]
    client: Callable[..., Any] = lambda *_, **__: None
    """Creates a client for another service, or with other settings of botocore's `Config`."""

    def command(self, text: str) -> str:
        """An AWS CLI command for the same account and region."""
        return f"aws {text} --region {self.region}{f' --profile {self.profile}' if self.profile else ''}"


def connect(region: str | None, profile: str | None, sleep: Callable[[float], None]) -> Cloud:
    """Connects to AWS with the SDK's configuration, unless `region` and `profile` override it.

    Raises `NoBoto`, and `Refused` (FG544) without region or valid credentials.
    """
    try:
        import boto3
        from botocore.config import Config
        from botocore.exceptions import BotoCoreError, ClientError
        from botocore.parsers import ResponseParserError
    except ImportError:
        raise NoBoto("this command requires boto3: pip install 'flowgen-aws[deploy]'") from None
    config = Config(retries={"total_max_attempts": _ATTEMPTS, "mode": "standard"})
    try:
        session = boto3.Session(profile_name=profile, region_name=region)
        if session.region_name is None:
            raise Refused(no_region())
        identity = session.client("sts", config=config).get_caller_identity()
        account, arn = identity["Account"], identity["Arn"].split(":")
    except (BotoCoreError, ClientError, ResponseParserError) as error:
        raise Refused(refusal(error, profile)) from None
    except (
        KeyError,
        AttributeError,
        TypeError,
        ValueError,
    ) as error:  # for example, a proxy answered with an error page
        raise Refused(unreadable(error)) from None

    def client(service: str, **settings: Any) -> Any:
        return session.client(service, config=config.merge(Config(**settings)))

    return Cloud(
        account,
        session.region_name,
        arn[1],
        profile,
        session.client("cloudformation", config=config),
        session.client("s3", config=config),
        session.client("stepfunctions", config=config),
        sleep,
        client,
    )
