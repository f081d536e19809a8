"""The platform of a function: Lambda's Python version, C library and processor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

MACHINES = {"arm64": "aarch64", "x86_64": "x86_64"}
"""Names of processors: Lambda's, and those in wheel tags."""

AMAZON_LINUX_2 = frozenset({"python3.8", "python3.9", "python3.10", "python3.11"})
"""The runtimes on Amazon Linux 2; later ones are on Amazon Linux 2023 (Lambda developer guide, "Lambda runtimes")."""

_OLDEST_GLIBC = 17
_GLIBC_2 = 26
_GLIBC_2023 = 34
"""Minor versions of glibc 2 in manylinux2014, Amazon Linux 2 and Amazon Linux 2023."""


@dataclass(frozen=True, slots=True, order=True)
class Target:
    """A runtime (`python3.13`) on an architecture (`arm64`).

    >>> Target("python3.13", "arm64").python
    '3.13'
    """

    runtime: str
    architecture: str

    def __str__(self) -> str:
        return f"{self.runtime} on {self.architecture}"

    @property
    def python(self) -> str:
        return self.runtime.removeprefix("python")

    @property
    def machine(self) -> str:
        return MACHINES[self.architecture]

    @property
    def platforms(self) -> tuple[str, ...]:
        """The platform tags of compatible wheels (PEP 600), best first."""
        newest = _GLIBC_2 if self.runtime in AMAZON_LINUX_2 else _GLIBC_2023
        made_for = [f"manylinux_2_{minor}_{self.machine}" for minor in range(newest, _OLDEST_GLIBC - 1, -1)]
        return (*made_for, f"manylinux2014_{self.machine}", f"linux_{self.machine}")

    @property
    def uv_platform(self) -> str:
        """The newest of these that uv supports, by uv's name."""
        made_for = "manylinux2014" if self.runtime in AMAZON_LINUX_2 else f"manylinux_2_{_GLIBC_2023}"
        return f"{self.machine}-{made_for}"

    @property
    def markers(self) -> Mapping[str, str]:
        """The values of environment markers on the target (PEP 508)."""
        return {
            "implementation_name": "cpython",
            "implementation_version": f"{self.python}.0",
            "os_name": "posix",
            "platform_machine": self.machine,
            "platform_python_implementation": "CPython",
            "platform_release": "",
            "platform_system": "Linux",
            "platform_version": "",
            "python_full_version": f"{self.python}.0",
            "python_version": self.python,
            "sys_platform": "linux",
        }
