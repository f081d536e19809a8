"""Lock files of uv, Poetry and PEP 751, read for a target."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from flowgen.packaging.locks import LockError, read_lock
from flowgen.packaging.target import Target

TARGET = Target("python3.12", "arm64")
PROJECT = """
[project]
name = "shop"
dependencies = [
    "pydantic[email]>=2", "rich; python_version < '3.13'", "colorama; sys_platform == 'win32'", "flowgen-aws",
]
"""

UV = """
version = 1
revision = 3
requires-python = ">=3.11"

[[package]]
name = "annotated-types"
version = "0.7.0"
source = { registry = "https://index.example/simple" }
sdist = { url = "https://x/annotated_types-0.7.0.tar.gz", hash = "sha256:bb", size = 1 }
wheels = [
    { url = "https://x/annotated_types-0.7.0-py3-none-any.whl", hash = "sha256:aa", size = 1 },
]

[[package]]
name = "colorama"
version = "0.4.6"
source = { registry = "https://index.example/simple" }

[[package]]
name = "email-validator"
version = "2.4.0"
source = { registry = "https://index.example/simple" }

[[package]]
name = "numpy"
version = "1.26.0"
source = { registry = "https://index.example/simple" }
resolution-markers = ["python_full_version < '3.12'"]

[[package]]
name = "numpy"
version = "2.3.0"
source = { registry = "https://index.example/simple" }
resolution-markers = ["python_full_version >= '3.13'", "python_full_version == '3.12.*'"]

[[package]]
name = "pydantic"
version = "2.11.0"
source = { registry = "https://index.example/simple" }
resolution-markers = ["python_full_version >= '3.14'"]
dependencies = [
    { name = "annotated-types" },
    { name = "numpy", marker = "platform_machine == 'aarch64'" },
]

[package.optional-dependencies]
email = [
    { name = "email-validator" },
]

[[package]]
name = "pytest"
version = "8.0"
source = { registry = "https://index.example/simple" }

[[package]]
name = "rich"
version = "15.0"
source = { registry = "https://index.example/simple" }

[[package]]
name = "shop"
version = "0.1.0"
source = { editable = "." }
dependencies = [
    { name = "colorama", marker = "sys_platform == 'win32'" },
    { name = "flowgen-aws" },
    { name = "pydantic", extra = ["email"] },
    { name = "rich", marker = "python_full_version < '3.13'" },
]

[package.dev-dependencies]
dev = [{ name = "pytest" }]
"""

POETRY = """
[[package]]
name = "annotated-types"
version = "0.7.0"
optional = false
groups = ["main"]
files = [
    {file = "annotated_types-0.7.0-py3-none-any.whl", hash = "sha256:aa"},
    {file = "annotated_types-0.7.0.tar.gz", hash = "sha256:bb"},
]

[[package]]
name = "colorama"
version = "0.4.6"
groups = ["main", "dev"]
markers = {main = "sys_platform == 'win32'"}
files = []

[[package]]
name = "Email_Validator"
version = "2.4.0"
optional = false
groups = ["main"]
files = []

[[package]]
name = "numpy"
version = "2.3.0"
groups = ["main"]
markers = "platform_machine == 'aarch64'"
files = []

[package.source]
type = "legacy"
url = "https://index.example/simple"
reference = "own"

[[package]]
name = "pydantic"
version = "2.11.0"
groups = ["main"]
files = []

[package.dependencies]
annotated-types = ">=0.6.0"
email-validator = {version = ">=2.0.0", optional = true, markers = "extra == 'email'"}
numpy = [
    {version = ">=2", markers = "platform_machine == 'aarch64'"},
    {version = ">=1", markers = "platform_machine == 'x86_64' and python_version < '3'"},
]

[package.extras]
email = ["email-validator (>=2.0.0)"]

[[package]]
name = "pytest"
version = "8.0"
groups = ["dev"]
files = []

[[package]]
name = "rich"
version = "15.0"
groups = ["main"]
files = []

[metadata]
lock-version = "2.1"
python-versions = ">=3.11"
content-hash = "x"
"""

PYLOCK = """
lock-version = "1.0"
created-by = "uv"
default-groups = ["main"]

[[packages]]
name = "annotated-types"
version = "0.7.0"
index = "https://index.example/simple"
sdist = { url = "https://x/annotated_types-0.7.0.tar.gz", hashes = { sha256 = "bb" } }
wheels = [{ url = "https://x/annotated_types-0.7.0-py3-none-any.whl", hashes = { sha256 = "aa" } }]

[[packages]]
name = "colorama"
version = "0.4.6"
marker = "sys_platform == 'win32'"

[[packages]]
name = "email-validator"
version = "2.4.0"
marker = "'main' in dependency_groups"

[[packages]]
name = "flowgen-aws"
version = "0.1.0"

[[packages]]
name = "numpy"
version = "2.3.0"

[[packages]]
name = "pydantic"
version = "2.11.0"

[[packages]]
name = "pytest"
version = "8.0"
marker = "'dev' in dependency_groups"

[[packages]]
name = "rich"
version = "15.0"
marker = "python_version < '3.13'"

[[packages]]
name = "shop"
directory = { path = ".", editable = true }
"""

ALL = ["annotated-types==0.7.0", "email-validator==2.4.0", "numpy==2.3.0", "pydantic==2.11.0", "rich==15.0"]
LOCKS = {"uv.lock": UV, "poetry.lock": POETRY, "pylock.toml": PYLOCK}


def read(name: str, text: str, target: Target = TARGET, project: str = PROJECT) -> tuple[str, ...]:
    content: dict[str, Any] = tomllib.loads(project)
    return read_lock(name, text, content, target)


@pytest.mark.parametrize("name", LOCKS)
def test_what_a_target_needs(name: str) -> None:
    """What the run-time dependencies reach on the target, pinned; not what others need, nor flowgen itself."""
    lines = read(name, LOCKS[name])
    assert [line.split(" ")[0] for line in lines] == ALL
    assert lines[0] == "annotated-types==0.7.0 --hash=sha256:aa --hash=sha256:bb"


@pytest.mark.parametrize("name", LOCKS)
def test_markers_are_the_targets(name: str) -> None:
    lines = read(name, LOCKS[name], Target("python3.13", "arm64"))
    assert [line.split(" ")[0] for line in lines] == ALL[:-1]


@pytest.mark.parametrize("name", ["uv.lock", "poetry.lock"])
def test_markers_of_dependencies(name: str) -> None:
    lines = read(name, LOCKS[name], Target("python3.12", "x86_64"))
    assert [line.split("=")[0] for line in lines] == ["annotated-types", "email-validator", "pydantic", "rich"]


def test_dependencies_in_poetrys_own_table() -> None:
    """The table of older projects; what `[project]` names as well counts as that says."""
    project = """
[tool.poetry.dependencies]
python = "^3.12"
pydantic = {version = "^2", extras = ["email"]}
rich = "*"
pytest = {version = "*", optional = true}
"""
    assert [line.split(" ")[0] for line in read("poetry.lock", POETRY, project=project)] == ALL
    both = '[project]\ndependencies = ["rich"]\n[tool.poetry.dependencies]\nrich = {extras = ["nothing"]}\n'
    assert read("poetry.lock", POETRY, project=both) == ("rich==15.0",)


@pytest.mark.parametrize(
    ("name", "change", "reason"),
    [
        ("uv.lock", ("version = 1\n", "version = 9\n"), "unsupported version 9: flowgen reads version 1"),
        ("uv.lock", ('editable = "."', 'editable = "../other"'), "it does not contain this project"),
        ("uv.lock", ('name = "rich"\nversion', 'name = "poor"\nversion'), "`rich` is missing"),
        (
            "uv.lock",
            (
                'version = "15.0"\nsource = { registry = "https://index.example/simple" }',
                'source = { git = "https://x" }',
            ),
            "`rich` comes from git `https://x`; flowgen installs only packages from an index",
        ),
        ("uv.lock", ("\n[[package]]\n", "\n[[package]\n"), "invalid TOML"),
        ("uv.lock", ("python_full_version < '3.13'", "nonsense <"), "invalid marker `nonsense <`"),
        ("uv.lock", ("resolution-markers = [\"python_full_version < '3.12'\"]", ""), "`numpy` has two versions"),
        ("uv.lock", ('name = "rich"', 'name = "rich --index=x"'), "not a valid uv.lock: InvalidName"),
        ("uv.lock", ('"15.0"', '"15.0 --index-url=x"'), "not a valid uv.lock: InvalidVersion"),
        ("uv.lock", ('"sha256:aa"', '"sha256:aa --index-url=x"'), "`annotated-types` has an invalid hash"),
        ("poetry.lock", ('lock-version = "2.1"', 'lock-version = "1.1"'), "unsupported lock-version 1.1"),
        ("poetry.lock", ("[metadata]", "[meta]"), "not a valid poetry.lock: KeyError"),
        ("poetry.lock", ('type = "legacy"', 'type = "git"'), "`numpy` comes from git `https://index.example/simple`"),
        ("pylock.toml", ('lock-version = "1.0"', 'lock-version = "2.0"'), "unsupported lock-version 2.0"),
        ("pylock.toml", ('version = "15.0"', 'vcs = { type = "git" }'), "`rich` comes from a vcs"),
        ("pylock.toml", ('version = "15.0"', ""), "`rich` has no version"),
        ("pylock.toml", ('name = "rich"', "name = 1"), "not a valid pylock.toml"),
    ],
)  # fmt: skip
def test_a_lock_that_cannot_be_used(name: str, change: tuple[str, str], reason: str) -> None:
    assert LOCKS[name].count(change[0]) >= 1
    text = LOCKS[name].replace(*change)
    with pytest.raises(LockError) as refused:
        read(name, text)
    assert reason in str(refused.value)


def test_circles_end() -> None:
    """Packages that require each other, and one that is required twice."""
    circle = UV.replace(
        'hash = "sha256:aa", size = 1 },\n]\n',
        'hash = "sha256:aa", size = 1 },\n]\ndependencies = [{ name = "pydantic" }]\n',
    )
    assert [line.split(" ")[0] for line in read("uv.lock", circle)] == ALL


def test_nesting_without_end_is_reported() -> None:
    with pytest.raises(LockError):
        read("uv.lock", "x = " + "[" * 100_000)
