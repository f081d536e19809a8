"""Targets: what runs there."""

from __future__ import annotations

import pytest

from flowgen.packaging.target import Target


@pytest.mark.parametrize(
    ("runtime", "architecture", "newest", "uv"),
    [
        # Python 3.11 is on Amazon Linux 2, with glibc 2.26; 3.12 and later on Amazon Linux 2023, with 2.34.
        ("python3.11", "x86_64", "manylinux_2_26_x86_64", "x86_64-manylinux2014"),
        ("python3.12", "arm64", "manylinux_2_34_aarch64", "aarch64-manylinux_2_34"),
        ("python3.14", "x86_64", "manylinux_2_34_x86_64", "x86_64-manylinux_2_34"),
    ],
)
def test_wheels_that_run_there(runtime: str, architecture: str, newest: str, uv: str) -> None:
    target = Target(runtime, architecture)
    machine = newest.split("_", 3)[3]
    assert (target.platforms[0], target.uv_platform) == (newest, uv)
    assert target.platforms[-3:] == (f"manylinux_2_17_{machine}", f"manylinux2014_{machine}", f"linux_{machine}")
    assert (target.markers["python_version"], target.markers["platform_machine"]) == (runtime[6:], machine)
    assert str(target) == f"{runtime} on {architecture}"
