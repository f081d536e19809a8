"""The project around a workflow: its settings, its workflows, and where generated files go.

In: a folder or file. Out: a `Project`, or diagnostics (FG005, FG120, FG121).
Never: the meaning of a workflow file; anything written.
"""

from __future__ import annotations

import keyword
import os
import shlex
import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from stat import S_ISDIR, S_ISREG
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from flowgen.diagnostics import Diagnostic, Position, Sink, Span, did_you_mean, replacing
from flowgen.input_files import read_file

if TYPE_CHECKING:
    from flowgen.environments import Environment
    from flowgen.model.overrides import Override
    from flowgen.source import Mapping as Node

SETTINGS_FILE = "pyproject.toml"
TABLE = "tool.flowgen"
_KEYS = (
    "package",
    "packaging",
    "source",
    "workflows",
    "strict",
    "validate",
    "stacks",
    "stack",
    "overrides",
    "env",
    "type_packages",
    "clients",
    "diagrams",
)
_PACKAGING = ("bytecode", "exclude", "include", "provided", "requirements")
_STACKS = ("single", "nested")
_BOUNDARIES = ("input", "callback", "http", "aws", "workflow", "function", "items")
"""The words of `validate` (`model.validation`), which only commands that read workflows load."""
_SOURCE = PurePosixPath("src")
_WORKFLOWS = PurePosixPath("workflows")
_WORKFLOW_SUFFIXES = (".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class Packaging:
    """Settings for the zips of functions (`[tool.flowgen.packaging]`).

    The strings below the fields are the reference of the settings: docs/reference/settings.md is made from them.
    """

    include: tuple[str, ...] = ()
    """Files to add to every zip: patterns relative to the project's root, in which `*` matches within a name and `**`
    any folders. A module brings what it imports. Files of the source folder keep their place below it."""
    exclude: tuple[str, ...] = ()
    """Files to leave out of every zip, those of dependencies included: patterns of places in the zip."""
    provided: tuple[str, ...] = ()
    """Distributions or modules that a Lambda layer provides, so that they are left out."""
    requirements: str | None = None
    """The requirements file or lock file that lists the dependencies. Default: the first of `uv.lock`, `pylock.toml`,
    `poetry.lock` and `requirements.txt` that exists, else `dependencies` in `pyproject.toml`."""
    bytecode: bool = False
    """Whether zips contain the bytecode of modules, which shortens cold starts."""


@dataclass(frozen=True, slots=True)
class Project:
    """A folder with workflows. `root` is absolute; the rest is relative to it.

    The strings below the fields are the reference of the settings (`[tool.flowgen]`): docs/reference/settings.md is
    made from them. `environments` is the setting `env`.
    """

    root: Path
    package: str | None = None
    """The Python package of the workflows' code: with `shop`, the code of `place_order` is in `shop.place_order`.
    Default: each workflow has its own package."""
    source: PurePosixPath = _SOURCE
    """The folder of the Python code."""
    workflows: PurePosixPath = _WORKFLOWS
    """The folder of the workflow files."""
    strict: bool = False
    """Whether `flowgen check` reports each place where `any` disables a check (FG311) and each AWS response that may
    lack a member that you read (FG312)."""
    validate: frozenset[str] = frozenset()
    """Which values from outside are checked against their types at run time, unless a workflow sets `validate`: `true`,
    or a list of `input`, `callback`, `http`, `aws`, `workflow`, `function` and `items`. Default: none"""
    stacks: str = "single"
    """`single` puts all workflows into one stack. `nested` gives each its own stack, nested in the project's stack."""
    environments: Mapping[str, Environment] = field(default_factory=dict, hash=False)
    """Environments to deploy to: a table `[tool.flowgen.env.NAME]` for each."""
    packaging: Packaging = Packaging()
    """What `flowgen package` puts into zips: the table `[tool.flowgen.packaging]`."""
    stack: Node | None = None
    """Settings of all workflows: the table `[tool.flowgen.stack]`."""
    overrides: tuple[Override, ...] = ()
    """Properties and attributes that replace those of generated resources: the table `[tool.flowgen.overrides]`."""
    type_packages: tuple[str, ...] = ()
    """Installed packages whose classes may be types (`python:` under `types`). Classes in the source folder always
    may."""
    clients: bool = False
    """Whether `flowgen generate` writes a module for each workflow with which Python code starts it."""
    diagrams: bool = False
    """Whether `flowgen generate` draws each workflow, in `docs/generated/diagrams/NAME.svg`."""

    @property
    def source_folder(self) -> Path:
        return self.root / self.source

    def package_of(self, workflow: str) -> str:
        """The dotted package that holds the code of a workflow."""
        return f"{self.package}.{workflow}" if self.package else workflow

    def relative(self, file: Path) -> str:
        """A file's path from the root, with `/`; the absolute path if the file is outside."""
        resolved = file.resolve()
        return resolved.relative_to(self.root).as_posix() if resolved.is_relative_to(self.root) else resolved.as_posix()


@dataclass(frozen=True, slots=True)
class Found:
    """A workflow file to work on: its project, and its path as the user would write it."""

    project: Project
    path: Path
    shown: str


def find_project(
    start: Path, sink: Sink, base: Path | None = None, texts: Mapping[Path, str] = MappingProxyType({})
) -> Project:
    """The project that holds `start`: the nearest parent folder whose `pyproject.toml` has `[tool.flowgen]`.

    Without one, the folder itself is the project, with default settings. Findings name the settings file relative to
    `base`. `texts` replaces the contents of the files with these resolved paths.
    """
    folder = start.resolve()
    folder = folder if folder.is_dir() else folder.parent
    for candidate in (folder, *folder.parents):
        file = candidate / SETTINGS_FILE
        shown = SETTINGS_FILE if base is None else _shown(file, base.resolve())
        settings = _settings(file, shown, texts, sink)
        if settings is not None:
            return _project(settings)
    return Project(folder.parent if folder.name == "workflows" else folder)


def discover(
    paths: tuple[str, ...], sink: Sink, base: Path, texts: Mapping[Path, str] = MappingProxyType({})
) -> list[Found]:
    """The workflows that `paths` name, or those of the project of `base` when there are none (FG005, FG121).

    A folder means the workflows of the project that it is or that contains it. `texts` is as in `find_project`.
    """
    found: dict[Path, Found] = {}
    for name in paths or (".",):
        path, told = base / name, len(sink)
        try:
            kind = path.stat().st_mode
            listed = list(_in_folder(path, base, sink, texts)) if S_ISDIR(kind) else []
        except FileNotFoundError:
            kind = 0
        except OSError as error:
            sink.add(Diagnostic("FG005", f"cannot read `{name}`: {error.strerror}", None))
            continue
        if S_ISDIR(kind):
            if not listed and len(sink) == told:
                sink.add(Diagnostic("FG121", f"no workflow found in `{name}`", None, help=_where_else(path)))
            found.update((item.path, item) for item in listed)
        elif S_ISREG(kind):
            item = Found(find_project(path, sink, base, texts), path.resolve(), PurePosixPath(name).as_posix())
            found.setdefault(item.path, item)
        elif (named := _named(name, base, sink, texts)) is not None:
            found.setdefault(named.path, named)
        elif kind:
            sink.add(Diagnostic("FG005", f"cannot read `{name}`: it is not a regular file", None))
        else:
            sink.add(Diagnostic("FG005", f"`{name}` does not exist", None))
    return list(found.values())


def _where_else(folder: Path) -> str:
    """Where to find workflows instead of a folder that has none."""
    project, inside = find_project(folder, Sink()), folder.resolve()
    if inside == project.root or inside.is_relative_to(project.root / project.workflows):
        return "workflows are YAML files in the folder `workflows` of a project"
    root = os.path.relpath(project.root)
    if root == os.curdir:
        return f"the workflows are in `{project.workflows}`: omit the folder"
    return f"the project is in `{root}`: run `flowgen -C {shlex.quote(root)} …`"


def _named(name: str, base: Path, sink: Sink, texts: Mapping[Path, str]) -> Found | None:
    """A workflow of the project of `base` by the name of its file."""
    if not name.isidentifier():
        return None
    project = find_project(base, sink, base, texts)
    for suffix in _WORKFLOW_SUFFIXES:
        path = (project.root / project.workflows / name).with_suffix(suffix)
        if path.is_file():
            return Found(project, path.resolve(), _shown(path.resolve(), base.resolve()))
    return None


def read_text(path: Path, shown: str, sink: Sink) -> str | None:
    """A file's text, or None if the reason was reported to `sink` (FG005)."""
    start = Span(shown, Position(1, 1), Position(1, 1))
    try:
        return read_file(path).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        sink.add(Diagnostic("FG005", f"`{shown}` is not valid UTF-8: invalid byte at offset {error.start}", start))
    except OSError as error:
        sink.add(Diagnostic("FG005", f"cannot read `{shown}`: {error.strerror}", start))
    return None


def _in_folder(folder: Path, base: Path, sink: Sink, texts: Mapping[Path, str]) -> Iterator[Found]:
    project = find_project(folder, sink, base, texts)
    inside = folder.resolve()
    kept = project.root / project.workflows
    where = inside if inside.is_relative_to(kept) or not kept.is_dir() or inside != project.root else kept
    for path in sorted(where.iterdir()):
        # Hidden files belong to other tools (`.pre-commit-config.yaml`) or are copies of editors.
        if path.suffix in _WORKFLOW_SUFFIXES and not path.name.startswith(".") and path.is_file():
            yield Found(project, path.resolve(), _shown(path.resolve(), base.resolve()))


def _shown(path: Path, base: Path) -> str:
    return path.relative_to(base).as_posix() if path.is_relative_to(base) else path.as_posix()


@dataclass(frozen=True, slots=True)
class _Settings:
    """A settings file, and its table `[tool.flowgen]`. `shown` is its name in findings, which go to `sink` (FG120)."""

    root: Path
    shown: str
    text: str
    sink: Sink
    table: Mapping[str, Any]

    def report(self, message: str, key: str, help_: str | None = None, *, table: str = TABLE) -> None:
        """Reports the value of a key."""
        self.sink.add(Diagnostic("FG120", message, self._place(key, table), help=help_))

    def report_unknown(self, given: Mapping[str, Any], known: Collection[str], table: str = TABLE) -> None:
        """Reports the keys of a table that are not `known`."""
        for key in (key for key in given if key not in known):
            guess = did_you_mean(key, known)
            help_ = f"did you mean `{guess}`?" if guess else f"the settings are {', '.join(known)}"
            message = f"unknown setting `{key}`" if table == TABLE else f"unknown setting `{key}` in `[{table}]`"
            place = self._place(key, table)
            fix = None if place is None or guess in given else replacing(place, guess)
            self.sink.add(Diagnostic("FG120", message, place, help=help_, fix=fix))

    def _place(self, key: str, table: str) -> Span | None:
        from flowgen.environments.toml_positions import place_of

        return place_of(self.text, (*table.split("."), key), self.shown)


def _settings(file: Path, shown: str, texts: Mapping[Path, str], sink: Sink) -> _Settings | None:
    """The settings in a file; None if it does not exist, or has no table `[tool.flowgen]`."""
    if not file.is_file():
        return None
    text = ""
    try:
        text = texts[file] if file in texts else read_file(file).decode("utf-8")
        content = tomllib.loads(text)
    except (OSError, ValueError) as error:  # a ValueError: syntax, encoding, or a number of thousands of digits
        sink.add(Diagnostic("FG120", f"cannot read `{shown}`: {error}", None))
        return _Settings(file.parent, shown, text, sink, {})
    except RecursionError:
        sink.add(Diagnostic("FG120", f"cannot read `{shown}`: it is nested too deeply", None))
        return _Settings(file.parent, shown, text, sink, {})
    tools = content.get("tool")
    table = tools.get("flowgen") if isinstance(tools, dict) else None
    if table is None:
        return None
    settings = _Settings(file.parent, shown, text, sink, table if isinstance(table, dict) else {})
    if not isinstance(table, dict):
        settings.report(f"`[{TABLE}]` must be a table", "flowgen", table="tool")
    return settings


def _project(settings: _Settings) -> Project:
    given, root = settings.table, settings.root
    settings.report_unknown(given, _KEYS)
    package = _package(settings)
    source = _folder(settings, "source", "src")
    strict = _flag(settings, "strict")
    validate = _boundaries(settings)
    stacks = given.get("stacks", "single")
    if stacks not in _STACKS:
        settings.report('`stacks` must be "single" or "nested"', "stacks", "see `flowgen explain FG520`")
        stacks = "single"
    environments = {}
    if "env" in given:
        from flowgen.environments import read as read_environments

        environments = read_environments(given["env"], settings.text, settings.shown, settings.sink)
    workflows = _folder(settings, "workflows", "workflows")
    packaging = _packaging(settings)
    types = _type_packages(settings)
    stack: Node | None = None
    overrides: tuple[Override, ...] = ()
    if "stack" in given or "overrides" in given:
        from flowgen.environments.stack_tables import read_overrides, read_stack

        where = settings.text, settings.shown, settings.sink
        stack = read_stack(given["stack"], *where) if "stack" in given else None
        overrides = read_overrides(given["overrides"], *where) if "overrides" in given else ()
    return Project(
        root,
        package,
        source,
        workflows,
        strict,
        validate,
        stacks,
        environments,
        packaging,
        stack,
        overrides,
        types,
        _flag(settings, "clients"),
        _flag(settings, "diagrams"),
    )


def _flag(settings: _Settings, name: str) -> bool:
    value = settings.table.get(name, False)
    if isinstance(value, bool):
        return value
    settings.report(f"`{name}` must be true or false", name)
    return False


def _boundaries(settings: _Settings) -> frozenset[str]:
    value = settings.table.get("validate", False)
    if isinstance(value, bool):
        return frozenset(_BOUNDARIES if value else ())
    if isinstance(value, list) and all(one in _BOUNDARIES for one in value):
        return frozenset(value)
    message = "`validate` must be true, false or a list of boundaries"
    settings.report(message, "validate", f"the boundaries are {', '.join(_BOUNDARIES)}")
    return frozenset()


def _packaging(settings: _Settings) -> Packaging:
    table = f"{TABLE}.packaging"
    given = settings.table.get("packaging", {})
    if not isinstance(given, dict):
        settings.report(f"`[{table}]` must be a table", "packaging")
        return Packaging()
    settings.report_unknown(given, _PACKAGING, table)
    lists: dict[str, tuple[str, ...]] = {}
    for key in ("include", "exclude", "provided"):
        value = given.get(key, [])
        if isinstance(value, list) and all(isinstance(one, str) and _is_inside(one) for one in value):
            lists[key] = tuple(value)
        else:
            what = "names" if key == "provided" else "patterns of files inside the project"
            settings.report(f"`{key}` must be a list of {what}", key, table=table)
    named = given.get("requirements")
    if named is not None and not (isinstance(named, str) and _is_inside(named)):
        settings.report("`requirements` must be a file inside the project", "requirements", table=table)
        named = None
    bytecode = given.get("bytecode", False)
    if not isinstance(bytecode, bool):
        settings.report("`bytecode` must be true or false", "bytecode", table=table)
        bytecode = False
    return Packaging(**lists, requirements=named, bytecode=bytecode)


def _is_inside(text: str) -> bool:
    """Whether it is a valid path, or pattern of paths, inside a folder."""
    path = PurePosixPath(text)
    return bool(text) and "\0" not in text and not path.is_absolute() and ".." not in path.parts


def _type_packages(settings: _Settings) -> tuple[str, ...]:
    names = settings.table.get("type_packages", [])
    if isinstance(names, list) and all(isinstance(name, str) and name.isidentifier() for name in names):
        return tuple(names)
    message = "`type_packages` must be a list of names of installed packages"
    settings.report(message, "type_packages", 'for example `["acme_contracts"]`')
    return ()


def _package(settings: _Settings) -> str | None:
    value = settings.table.get("package")
    if value is None:
        return None
    parts = value.split(".") if isinstance(value, str) else [""]
    if all(part.isidentifier() and part.isascii() and not keyword.iskeyword(part) for part in parts):
        return ".".join(parts)
    settings.report("`package` must be the name of a Python package", "package")
    return None


def _folder(settings: _Settings, key: str, default: str) -> PurePosixPath:
    value, root = settings.table.get(key, default), settings.root
    folder = PurePosixPath(value) if isinstance(value, str) and "\0" not in value else PurePosixPath("..")
    if folder.is_absolute() or ".." in folder.parts or not (root / folder).resolve().is_relative_to(root.resolve()):
        settings.report(f"`{key}` must name the folder of the project, or a folder inside it", key)
        return PurePosixPath(default)
    return folder
