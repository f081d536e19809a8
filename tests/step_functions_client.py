"""boto3's client for a server of `flowgen serve`."""

from __future__ import annotations

from typing import Any

import boto3
from botocore.config import Config

KEYS = {"aws_access_key_id": "local", "aws_secret_access_key": "local"}


def client_of(url: str) -> Any:
    """A client that neither retries nor puts `sync-` before the host."""
    config = Config(inject_host_prefix=False, retries={"total_max_attempts": 1}, max_pool_connections=50)
    return boto3.client("stepfunctions", endpoint_url=url, region_name="us-east-1", config=config, **KEYS)
