"""A package index that is a dictionary, and a pip that installs from it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from flowgen.diagnostics import Sink
from flowgen.packaging.bytecode import Compiler
from flowgen.packaging.installing import Installer, run_program
from flowgen.project import Project, find_project


@dataclass(frozen=True)
class Wheel:
    """A wheel: what it requires, and its files (without those of its `.dist-info`)."""

    name: str
    version: str = "1.0"
    requires: tuple[str, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)

    def install(self, site: Path) -> None:
        info = f"{self.name.replace('-', '_')}-{self.version}.dist-info"
        requires = "".join(f"Requires-Dist: {one}\n" for one in self.requires)
        files = {
            **(self.files or {f"{self.name.replace('-', '_')}/__init__.py": f"# {self.name} {self.version}\n"}),
            f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {self.name}\nVersion: {self.version}\n{requires}\n",
            f"{info}/WHEEL": "Wheel-Version: 1.0\n",
            f"{info}/INSTALLER": "pip\n",
            f"{info}/direct_url.json": "{}",
        }
        names = [*files, f"{info}/RECORD", "../../bin/run-it", f"{self.name}/__pycache__/x.cpython-311.pyc"]
        files[f"{info}/RECORD"] = "".join(f"{name},,\n" for name in names)
        for name, text in files.items():
            (site / name).parent.mkdir(parents=True, exist_ok=True)
            (site / name).write_text(text, "utf-8")
            if name.endswith(".sh"):
                (site / name).chmod(0o700)


class Index:
    """Wheels by name, and each call of the program that installs them. `host` are the markers of "this" machine."""

    def __init__(self, *wheels: Wheel, host: Mapping[str, str] | None = None) -> None:
        self.wheels = {canonicalize_name(wheel.name): wheel for wheel in wheels}
        self.host = {"sys_platform": "win32", "platform_system": "Windows", **(host or {})}
        self.calls: list[Sequence[str]] = []
        self.said: list[str] = []

    def run(self, command: Sequence[str], _folder: Path) -> tuple[int, str]:
        self.calls.append(command)
        site = Path(command[command.index("--target") + 1])
        asked = Path(command[command.index("--requirement") + 1]).read_text("utf-8").splitlines()
        waiting = [Requirement(re.split(r"\s+--hash", line)[0]) for line in asked]
        done: set[str] = set()
        while waiting:
            wanted = waiting.pop()
            name = canonicalize_name(wanted.name)
            if name in done:
                continue
            if name not in self.wheels:
                return (
                    1,
                    f"ERROR: Could not find a version that satisfies the requirement {wanted} (from versions: none)",
                )
            done.add(name)
            self.wheels[name].install(site)
            if "--no-deps" not in command:
                waiting += [one for text in self.wheels[name].requires if self._holds(one := Requirement(text), wanted)]
        return 0, ""

    def _holds(self, requirement: Requirement, by: Requirement) -> bool:
        marker = requirement.marker
        return marker is None or any(marker.evaluate({**self.host, "extra": extra}) for extra in ("", *by.extras))

    def installer(self, cache: Path) -> Installer:
        return Installer(cache, self.run, self.said.append)

    def compiler(self, cache: Path) -> Compiler:
        """One that has no other Python than this."""
        return Compiler(cache / "bytecode", cache.parent, run_program, self.said.append, lambda _: None)


def project(folder: Path, files: Mapping[str, str]) -> Project:
    """A project of some files; without `pyproject.toml` among them it has an empty one."""
    for name, text in {"pyproject.toml": "[tool.flowgen]\n", **files}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    sink = Sink()
    found = find_project(folder, sink)
    assert list(sink) == []
    return found
