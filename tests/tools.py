"""Programs that the tests need but `pip install -e '.[dev]'` does not install, and how to install them.

A test declares them with `@pytest.mark.needs("sam", "aws")` and is skipped up front where one is missing: a skip inside
a fixture's thread or a callback would be a failure. `.ci/run` installs all of them except terraform
and Chromium.
"""

from __future__ import annotations

import functools
import platform
import shutil
import subprocess
import sys
from pathlib import Path

from tests import browser

ROOT = Path(__file__).resolve().parents[1]
NODE_MODULES = ROOT / "tests" / "node" / "node_modules"
PROGRAMS = {
    "aws": "aws",
    "cdk": "python",
    "checkov": "checkov",
    "lambda": "python",
    "pydantic": "python",
    "sam": "sam",
    "zensical": "zensical",
}
"""What `.ci/tools/NAME.txt` installs in `.tools/NAME/bin`, apart from our environment: their pins clash with ours."""


def tool(name: str) -> Path:
    """The program of a tool that the test declares with `needs`."""
    return ROOT / ".tools" / name / "bin" / PROGRAMS[name]


def emulator() -> Path:
    """Lambda's runtime interface emulator for this machine, which aws-sam-cli brings along."""
    machine = {"aarch64": "arm64", "AMD64": "x86_64"}.get(platform.machine(), platform.machine())
    folder = tool("sam").parents[1] / "lib"
    pattern = f"python3*/site-packages/samcli/local/rapid/aws-lambda-rie-{machine}"
    return next(iter(sorted(folder.glob(pattern))), folder / "aws-lambda-rie")


@functools.cache
def old_pythons() -> tuple[str, ...]:
    """Pythons of this machine that flowgen does not support: on PATH, or installed by pyenv."""
    names = ["python2.7", *(f"python3.{minor}" for minor in range(6, 11))]
    pyenv = Path.home().glob(".pyenv/versions/*/bin/python")
    found = [*filter(None, map(shutil.which, names)), *sorted(map(str, pyenv))]
    program = "import sys; sys.exit(sys.version_info >= (3, 11))"
    return tuple(
        one for one in found if subprocess.run([one, "-c", program], capture_output=True, check=False).returncode == 0
    )


@functools.cache
def missing(name: str) -> str | None:
    """Why a tool can't be used here, in one line that says what installs it; None where it can be used."""
    match name:
        case "node":
            if shutil.which("node") is None or not NODE_MODULES.is_dir():
                return "needs Node.js and its packages: (cd tests/node && npm ci)"
        case "chromium":
            if browser.program() is None:
                return "needs Chromium: apt-get install chromium, or see https://www.chromium.org"
        case "axe":
            if not (NODE_MODULES / "axe-core").is_dir():
                return "needs axe-core: (cd tests/node && npm ci)"
        case "hcl2json":
            if shutil.which("node") is None or not (NODE_MODULES / "@cdktn" / "hcl2json").is_dir():
                return "needs Node.js and @cdktn/hcl2json: (cd tests/node && npm ci)"
        case "mermaid":
            if shutil.which("node") is None or not (NODE_MODULES / "mermaid").is_dir():
                return "needs Node.js and Mermaid: (cd tests/node && npm ci)"
        case "terraform":
            if shutil.which("terraform") is None:
                return "needs terraform: see https://developer.hashicorp.com/terraform/install"
        case "index":
            command = [sys.executable, "-m", "pip", "index", "versions", "pydantic"]
            if subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False).returncode != 0:
                return "needs a package index: `pip index versions pydantic` must succeed"
        case "old-python":
            if not old_pythons():
                return "needs a Python before 3.11 on PATH: see https://www.python.org/downloads"
        case "emulator":
            if platform.system() != "Linux":
                return "needs Linux, for Lambda's runtime"
            reason = missing("sam") or missing("lambda")
            if reason is None and not emulator().exists():
                return f"needs a runtime interface emulator: aws-sam-cli has none for {platform.machine()}"
            return reason
        case _:
            if not tool(name).exists():
                environment = f".tools/{name}"
                return (
                    f"needs {name}: "
                    f"python3 -m venv {environment} && {environment}/bin/pip install -r .ci/tools/{name}.txt"
                )
    return None
