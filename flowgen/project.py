"""The project around a workflow: its settings, its workflows, and where generated files go.

In: a folder or file. Out: a `Project`, or diagnostics (FG005, FG120, FG121).
Never: the meaning of a workflow file; anything written.
"""

from __future__ import annotations

import keyword
import os
import shlex
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from stat import S_ISDIR, S_ISREG
from typing import TYPE_CHECKING, Any

from flowgen.diagnostics import Diagnostic, Position, Sink, Span, did_you_mean
from flowgen.input_files import read_file

if TYPE_CHECKING:
    from flowgen.environments import Environment

SETTINGS_FILE = "pyproject.toml"
_KEYS = ("package", "packaging", "source", "workflows", "strict", "stacks", "env", "type_packages")
_PACKAGING = ("bytecode", "exclude", "include", "provided", "requirements")
_STACKS = ("single", "nested")
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
    Default: each workflow is a package of its own."""
    source: PurePosixPath = _SOURCE
    """The folder of the Python code."""
    workflows: PurePosixPath = _WORKFLOWS
    """The folder of the workflow files."""
    strict: bool = False
    """Whether `flowgen check` reports each place where `any` disables a check (FG311) and each AWS response that may
    lack a member that you read (FG312)."""
    stacks: str = "single"
    """`single` puts all workflows into one stack. `nested` gives each a stack of its own, nested in the project's."""
    environments: Mapping[str, Environment] = field(default_factory=dict, hash=False)
    """Environments to deploy to: a table `[tool.flowgen.env.NAME]` for each."""
    packaging: Packaging = Packaging()
    """What `flowgen package` puts into zips: the table `[tool.flowgen.packaging]`."""
    type_packages: tuple[str, ...] = ()
    """Installed packages whose classes may be types (`python:` under `types`). Classes in the source folder always
    may."""

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


def find_project(start: Path, sink: Sink) -> Project:
    """The project that holds `start`: the nearest folder upwards whose `pyproject.toml` has `[tool.flowgen]`.

    Without one, the folder itself is the project, with default settings.
    """
    folder = start.resolve()
    folder = folder if folder.is_dir() else folder.parent
    for candidate in (folder, *folder.parents):
        settings = _settings(candidate, sink)
        if settings is not None:
            return _project(candidate, settings, sink)
    return Project(folder.parent if folder.name == "workflows" else folder)


def discover(paths: tuple[str, ...], sink: Sink, base: Path) -> list[Found]:
    """The workflows that `paths` name, or those of the project of `base` when there are none (FG005, FG121).

    A folder means the workflows of the project that it is or that contains it.
    """
    found: dict[Path, Found] = {}
    for name in paths or (".",):
        path, told = base / name, len(sink)
        try:
            kind = path.stat().st_mode
            listed = list(_in_folder(path, base, sink)) if S_ISDIR(kind) else []
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
            item = Found(find_project(path, sink), path.resolve(), PurePosixPath(name).as_posix())
            found.setdefault(item.path, item)
        elif (named := _named(name, base, sink)) is not None:
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


def _named(name: str, base: Path, sink: Sink) -> Found | None:
    """A workflow of the project of `base` by the name of its file."""
    if not name.isidentifier():
        return None
    project = find_project(base, sink)
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


def _in_folder(folder: Path, base: Path, sink: Sink) -> Iterator[Found]:
    project = find_project(folder, sink)
    inside = folder.resolve()
    kept = project.root / project.workflows
    where = inside if inside.is_relative_to(kept) or not kept.is_dir() or inside != project.root else kept
    for path in sorted(where.iterdir()):
        if path.suffix in _WORKFLOW_SUFFIXES and path.is_file():
            yield Found(project, path.resolve(), _shown(path.resolve(), base.resolve()))


def _shown(path: Path, base: Path) -> str:
    return path.relative_to(base).as_posix() if path.is_relative_to(base) else path.as_posix()


def _settings_text(folder: Path) -> str:
    """Raises OSError, UnicodeDecodeError."""
    return read_file(folder / SETTINGS_FILE).decode("utf-8")


def _settings(folder: Path, sink: Sink) -> Mapping[str, Any] | None:
    file = folder / SETTINGS_FILE
    if not file.is_file():
        return None
    try:
        content = tomllib.loads(_settings_text(folder))
    except (OSError, ValueError) as error:  # a ValueError: syntax, encoding, or a number of thousands of digits
        sink.add(Diagnostic("FG120", f"cannot read `{file.name}`: {error}", None))
        return {}
    except RecursionError:
        sink.add(Diagnostic("FG120", f"cannot read `{file.name}`: it is nested too deeply", None))
        return {}
    tools = content.get("tool")
    settings = tools.get("flowgen") if isinstance(tools, dict) else None
    if settings is None or isinstance(settings, dict):
        return settings
    sink.add(Diagnostic("FG120", "`[tool.flowgen]` must be a table", _place(folder, "flowgen", "tool")))
    return {}


def _project(root: Path, settings: Mapping[str, Any], sink: Sink) -> Project:
    for key in settings:
        if key not in _KEYS:
            guess = did_you_mean(key, _KEYS)
            help_ = f"did you mean `{guess}`?" if guess else f"the settings are {', '.join(_KEYS)}"
            sink.add(Diagnostic("FG120", f"unknown setting `{key}`", _place(root, key), help=help_))
    package = _package(root, settings.get("package"), sink)
    source = _folder(root, settings, "source", "src", sink)
    strict = settings.get("strict", False)
    if not isinstance(strict, bool):
        sink.add(Diagnostic("FG120", "`strict` must be true or false", _place(root, "strict")))
        strict = False
    stacks = settings.get("stacks", "single")
    if stacks not in _STACKS:
        message = '`stacks` must be "single" or "nested"'
        sink.add(Diagnostic("FG120", message, _place(root, "stacks"), help="see `flowgen explain FG520`"))
        stacks = "single"
    environments = {}
    if "env" in settings:
        from flowgen.environments import read as read_environments

        text = _settings_text(root)
        environments = read_environments(settings["env"], text, SETTINGS_FILE, sink)
    workflows = _folder(root, settings, "workflows", "workflows", sink)
    packaging = _packaging(root, settings.get("packaging", {}), sink)
    types = _type_packages(root, settings, sink)
    return Project(root, package, source, workflows, strict, stacks, environments, packaging, types)


def _packaging(root: Path, settings: Any, sink: Sink) -> Packaging:
    table = "tool.flowgen.packaging"
    if not isinstance(settings, dict):
        sink.add(Diagnostic("FG120", f"`[{table}]` must be a table", _place(root, "packaging")))
        return Packaging()
    for key in settings:
        if key not in _PACKAGING:
            guess = did_you_mean(key, _PACKAGING)
            help_ = f"did you mean `{guess}`?" if guess else f"the settings are {', '.join(_PACKAGING)}"
            message = f"unknown setting `{key}` in `[{table}]`"
            sink.add(Diagnostic("FG120", message, _place(root, key, table), help=help_))
    lists: dict[str, tuple[str, ...]] = {}
    for key in ("include", "exclude", "provided"):
        value = settings.get(key, [])
        if isinstance(value, list) and all(isinstance(one, str) and _is_inside(one) for one in value):
            lists[key] = tuple(value)
        else:
            what = "names" if key == "provided" else "patterns of files inside the project"
            sink.add(Diagnostic("FG120", f"`{key}` must be a list of {what}", _place(root, key, table)))
    named = settings.get("requirements")
    if named is not None and not (isinstance(named, str) and _is_inside(named)):
        sink.add(
            Diagnostic("FG120", "`requirements` must be a file inside the project", _place(root, "requirements", table))
        )
        named = None
    bytecode = settings.get("bytecode", False)
    if not isinstance(bytecode, bool):
        sink.add(Diagnostic("FG120", "`bytecode` must be true or false", _place(root, "bytecode", table)))
        bytecode = False
    return Packaging(**lists, requirements=named, bytecode=bytecode)


def _is_inside(text: str) -> bool:
    """Whether it is a valid path, or pattern of paths, inside a folder."""
    path = PurePosixPath(text)
    return bool(text) and "\0" not in text and not path.is_absolute() and ".." not in path.parts


def _type_packages(root: Path, settings: Mapping[str, Any], sink: Sink) -> tuple[str, ...]:
    names = settings.get("type_packages", [])
    if isinstance(names, list) and all(isinstance(name, str) and name.isidentifier() for name in names):
        return tuple(names)
    message = "`type_packages` must be a list of names of installed packages"
    sink.add(Diagnostic("FG120", message, _place(root, "type_packages"), help='for example `["acme_contracts"]`'))
    return ()


def _package(root: Path, value: Any, sink: Sink) -> str | None:
    if value is None:
        return None
    parts = value.split(".") if isinstance(value, str) else [""]
    if all(part.isidentifier() and part.isascii() and not keyword.iskeyword(part) for part in parts):
        return ".".join(parts)
    sink.add(Diagnostic("FG120", "`package` must be the name of a Python package", _place(root, "package")))
    return None


def _folder(root: Path, settings: Mapping[str, Any], key: str, default: str, sink: Sink) -> PurePosixPath:
    value = settings.get(key, default)
    folder = PurePosixPath(value) if isinstance(value, str) and "\0" not in value else PurePosixPath("..")
    if folder.is_absolute() or ".." in folder.parts or not (root / folder).resolve().is_relative_to(root.resolve()):
        message = f"`{key}` must name the folder of the project, or a folder inside it"
        help_ = f'write a path relative to {SETTINGS_FILE}, such as `{key} = "{default}"` or `{key} = "."`'
        sink.add(Diagnostic("FG120", message, _place(root, key), help=help_))
        return PurePosixPath(default)
    return folder


def _place(root: Path, key: str, table: str = "tool.flowgen") -> Span | None:
    from flowgen.environments.toml_positions import place_of

    return place_of(_settings_text(root), (*table.split("."), key), SETTINGS_FILE)
