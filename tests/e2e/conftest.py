"""One folder for caches, one new project and one server that stands for AWS, for all tests of a run."""

from __future__ import annotations

import compileall
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from tests.e2e.programs import ROOT, Programs

REGION = "eu-west-1"


@pytest.fixture(scope="session")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Programs:
    # Where PYTHONDONTWRITEBYTECODE is set, each start of `flowgen` would compile all of its modules.
    compileall.compile_dir(ROOT / "flowgen", quiet=2)
    return Programs(tmp_path_factory.mktemp("programs"))


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Programs that a test starts react to Ctrl-C, even if the test run ignores it because it is a background job."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(scope="session")
def shop(programs: Programs, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `flowgen new shop` makes; tests only read it."""
    folder = tmp_path_factory.mktemp("work")
    programs.succeed("flowgen", "new", "shop", folder=folder)
    return folder / "shop"


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `flowgen package` installs: each set of dependencies once."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="session")
def endpoint() -> Iterator[str]:
    """Where moto's server listens."""
    from moto.iam.access_control import PermissionResult
    from moto.moto_server.threaded_moto_server import ThreadedMotoServer
    from moto.s3.models import FakeBucket

    server = ThreadedMotoServer("localhost", 0, verbose=False)
    with pytest.MonkeyPatch.context() as patch:
        # moto takes no notice of the condition of our bucket's policy, and so would reject everything.
        patch.setattr(FakeBucket, "get_permission", lambda *_: PermissionResult.NEUTRAL)
        server.start()
        yield f"http://localhost:{server.get_host_and_port()[1]}"
        server.stop()


@pytest.fixture
def aws(endpoint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The environment of somebody who has an account there; a client of CloudFormation."""
    (tmp_path / "config").write_text(f"[default]\nregion = {REGION}\ns3 =\n  addressing_style = path\n")
    for name, value in {
        "AWS_CONFIG_FILE": str(tmp_path / "config"),
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": "x",
        "AWS_SECRET_ACCESS_KEY": "y",
    }.items():
        monkeypatch.setenv(name, value)
    return boto3.client("cloudformation", region_name=REGION)
