"""The steps of the GitHub Action: install flowgen, write a SARIF file, print annotations.

Inputs come from environment variables, never from text put into a script: a path or a version from a pull request stays
data. Exits like `flowgen check`: 0, or 1 for errors in workflows; other numbers when it could not run.
"""
# ruff: noqa: INP001, S603, S607 - a script, not a package, which runs git and the program that it installs

from __future__ import annotations

import os
import re
import subprocess
import sys
import venv
from pathlib import Path, PurePosixPath

DISTRIBUTION = "flowgen-aws"
FINDINGS = 1


def main() -> int:
    version = os.environ["FLOWGEN_VERSION"].strip()
    if version.startswith("-"):
        return refuse(f"the input `version` must be a version or a requirement, found `{version}`")
    try:
        paths = paths_below(os.environ["FLOWGEN_DIRECTORY"], os.environ["FLOWGEN_PATHS"])
    except ValueError as error:
        return refuse(str(error))
    temporary = Path(os.environ["RUNNER_TEMP"])
    venv.create(temporary / "flowgen", with_pip=True)
    programs = temporary / "flowgen" / ("Scripts" if os.name == "nt" else "bin")
    pip = [str(programs / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    installed = subprocess.run([*pip, "--", requirement(version)], check=False)
    if installed.returncode:
        return refuse(f"pip can't install `{requirement(version)}`; its messages are above")
    flowgen = str(programs / "flowgen")
    sarif = temporary / "flowgen.sarif"
    with sarif.open("wb") as file:
        written = subprocess.run(
            [flowgen, "--quiet", "check", "--format=sarif", "--", *paths], stdout=file, check=False
        )
    if written.returncode in (0, FINDINGS):
        with Path(os.environ["GITHUB_OUTPUT"]).open("a", encoding="utf-8") as outputs:
            outputs.write(f"sarif={sarif}\n")
    summarize(flowgen, os.environ["FLOWGEN_DIRECTORY"].strip() or ".", os.environ.get("FLOWGEN_DIFF_BASE", "").strip())
    return subprocess.run([flowgen, "check", "--format=github", "--", *paths], check=False).returncode


def summarize(flowgen: str, directory: str, base: str) -> None:
    """Adds what changed since a commit to the job's summary. A comparison that fails does not fail the check."""
    if not base:
        return
    if not re.fullmatch(r"[0-9a-f]{7,64}", base):
        warn(f"the input `diff-base` must be the hash of a commit, found `{base}`")
        return
    # A checkout has one commit, unless `fetch-depth` says otherwise.
    if subprocess.run(["git", "cat-file", "-e", f"{base}^{{commit}}"], capture_output=True, check=False).returncode:
        subprocess.run(["git", "fetch", "--quiet", "--depth=1", "origin", base], check=False)
    command = [flowgen, "-C", directory, "diff", "--format=markdown", base]
    compared = subprocess.run(command, capture_output=True, check=False)
    if compared.returncode:
        warn(f"flowgen cannot compare the workflows with {base}: {compared.stderr.decode(errors='replace')}")
        return
    with Path(os.environ["GITHUB_STEP_SUMMARY"]).open("ab") as summary:
        summary.write(b"## Workflow changes\n\n" + compared.stdout)


def requirement(version: str) -> str:
    """What pip installs: a version of flowgen, a range of them, or any other requirement, such as a wheel's path."""
    if not version:
        return DISTRIBUTION
    if version[0].isdigit() and "/" not in version and "\\" not in version:
        return f"{DISTRIBUTION}=={version}"
    return f"{DISTRIBUTION}{version}" if version[0] in "<>=!~" else version


def paths_below(directory: str, paths: str) -> list[str]:
    """Each line of `paths` below the project's folder: GitHub shows annotations by paths from the repository's root."""
    lines = [line.strip() for line in paths.splitlines() if line.strip()] or ["."]
    folder = PurePosixPath(directory.strip() or ".")
    outside = [line for line in (str(folder), *lines) if line.startswith("/") or ".." in PurePosixPath(line).parts]
    if outside:
        raise ValueError(f"`{outside[0]}` must be a path inside the repository, without `..`")
    return [str(folder / line) for line in lines]


def refuse(message: str) -> int:
    annotate("error", message)
    return 2


def warn(message: str) -> None:
    annotate("warning", message)


def annotate(severity: str, message: str) -> None:
    # GitHub reads commands line by line, and an input may hold more than one.
    sys.stdout.write(f"::{severity} title=flowgen::{' '.join(message.split())}\n")


if __name__ == "__main__":
    sys.exit(main())
