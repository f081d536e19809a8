"""Projects: their settings, their workflows, and what is reported of both."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath

import pytest

from flowgen.diagnostics import Diagnostic, Position, Sink
from flowgen.project import Project, discover, find_project, read_text

SETTINGS = "pyproject.toml"
KEYS = (
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


def project_of(folder: Path, settings: str) -> tuple[Project, list[Diagnostic]]:
    (folder / SETTINGS).write_text(settings, encoding="utf-8")
    sink = Sink()
    return find_project(folder, sink), list(sink)


def shown(folder: Path, *paths: str) -> list[str]:
    """The paths of the workflows that are found, without any finding."""
    sink = Sink()
    found = discover(paths, sink, folder)
    assert list(sink) == []
    return [one.shown for one in found]


def refused(folder: Path, *paths: str) -> list[tuple[str, str]]:
    sink = Sink()
    discover(paths, sink, folder)
    return [(one.code, one.message) for one in sink]


def test_defaults(tmp_path: Path) -> None:
    """An empty table is enough."""
    project, told = project_of(tmp_path, "[tool.flowgen]\n")
    assert told == []
    assert project == Project(tmp_path, None, PurePosixPath("src"), PurePosixPath("workflows"))
    assert project.source_folder == tmp_path / "src"
    assert project.package_of("place_order") == "place_order"


def test_all_settings(tmp_path: Path) -> None:
    """Each of them."""
    text = '[tool.flowgen]\npackage = "shop.flows"\nsource = "lib/python"\nworkflows = "."\nstrict = true\n'
    project, told = project_of(tmp_path, text)
    assert told == []
    assert project == Project(tmp_path, "shop.flows", PurePosixPath("lib/python"), PurePosixPath(), strict=True)
    assert project.package_of("place_order") == "shop.flows.place_order"


def test_the_nearest_settings_upwards_are_the_projects(tmp_path: Path) -> None:
    """A `pyproject.toml` without the table is of another matter."""
    inner = tmp_path / "a" / "workflows"
    inner.mkdir(parents=True)
    (tmp_path / SETTINGS).write_text("[tool.flowgen]\n")
    (tmp_path / "a" / SETTINGS).write_text("[project]\nname = 'x'\n")
    (inner / "w.yaml").write_text("")
    sink = Sink()
    assert find_project(inner, sink).root == find_project(inner / "w.yaml", sink).root == tmp_path
    assert list(sink) == []


def test_without_settings_the_folder_is_the_project(tmp_path: Path) -> None:
    """Or the one around it where it is called `workflows`."""
    (tmp_path / "workflows").mkdir()
    sink = Sink()
    assert find_project(tmp_path, sink).root == tmp_path
    assert find_project(tmp_path / "workflows", sink).root == tmp_path
    assert list(sink) == []


def test_paths_in_a_project(tmp_path: Path) -> None:
    """From its root; whole where they lie outside."""
    project = Project(tmp_path / "a")
    assert project.relative(tmp_path / "a" / "b" / "c.yaml") == "b/c.yaml"
    assert project.relative(tmp_path / "d.yaml") == (tmp_path / "d.yaml").as_posix()


@pytest.mark.parametrize(
    ("settings", "message", "place", "help_"),
    [
        ('[tool.flowgen]\npakage = "x"\n', "unknown setting `pakage`", (2, 1, 7), "did you mean `package`?"),
        (
            "[tool.flowgen]\nzzzzzzzzz = 1\n",
            "unknown setting `zzzzzzzzz`",
            (2, 1, 10),
            f"the settings are {', '.join(KEYS)}",
        ),
        ("[tool.flowgen]\npackage = 5\n", "`package` must be the name of a Python package", (2, 1, 8), None),
        ('[tool.flowgen]\npackage = "a-b"\n', "`package` must be the name of a Python package", (2, 1, 8), None),
        ('[tool.flowgen]\npackage = "a..b"\n', "`package` must be the name of a Python package", (2, 1, 8), None),
        ('[tool.flowgen]\npackage = "a.class"\n', "`package` must be the name of a Python package", (2, 1, 8), None),
        ('[tool.flowgen]\npackage = "é"\n', "`package` must be the name of a Python package", (2, 1, 8), None),
        (
            '[tool.flowgen]\n\n  source = "../up"\n',
            "`source` must name the folder of the project, or a folder inside it",
            (3, 3, 9),
            None,
        ),
        (
            '[tool.flowgen]\n"source" = "/etc"\n',
            "`source` must name the folder of the project, or a folder inside it",
            (2, 2, 8),
            None,
        ),
        (
            "[tool.flowgen]\nsource = [1]\n",
            "`source` must name the folder of the project, or a folder inside it",
            (2, 1, 7),
            None,
        ),
        (
            '[tool.flowgen]\nworkflows = "a/../../b"\n',
            "`workflows` must name the folder of the project, or a folder inside it",
            (2, 1, 10),
            None,
        ),
        (
            '[tool.flowgen]\nworkflows = "a\\u0000b"\n',
            "`workflows` must name the folder of the project, or a folder inside it",
            (2, 1, 10),
            None,
        ),
        ('[tool.flowgen]\nstrict = "yes"\n', "`strict` must be true or false", (2, 1, 7), None),
        (
            "[tool.flowgen]\nstacks = true\n",
            '`stacks` must be "single" or "nested"',
            (2, 1, 7),
            "see `flowgen explain FG520`",
        ),
        ("[tool.flowgen]\npackaging = 1\n", "`[tool.flowgen.packaging]` must be a table", (2, 1, 10), None),
        (
            "[tool.flowgen.packaging]\nincluded = []\n",
            "unknown setting `included` in `[tool.flowgen.packaging]`",
            (2, 1, 9),
            "did you mean `include`?",
        ),
        (
            "[tool.flowgen.packaging]\nzzz = []\n",
            "unknown setting `zzz` in `[tool.flowgen.packaging]`",
            (2, 1, 4),
            "the settings are bytecode, exclude, include, provided, requirements",
        ),
        (
            '[tool.flowgen.packaging]\ninclude = "x"\n',
            "`include` must be a list of patterns of files inside the project",
            (2, 1, 8),
            None,
        ),
        (
            '[tool.flowgen.packaging]\nexclude = ["../x"]\n',
            "`exclude` must be a list of patterns of files inside the project",
            (2, 1, 8),
            None,
        ),
        ('[tool.flowgen.packaging]\nbytecode = "yes"\n', "`bytecode` must be true or false", (2, 1, 9), None),
        ("[tool.flowgen.packaging]\nprovided = [1]\n", "`provided` must be a list of names", (2, 1, 9), None),
        (
            '[tool.flowgen.packaging]\nrequirements = "/etc/x.txt"\n',
            "`requirements` must be a file inside the project",
            (2, 1, 13),
            None,
        ),
        ('[tool.other]\nsource = "x"\n[ tool.flowgen ]\nsource = 1\n', "`source` must name", (4, 1, 7), None),
        ("[tool]\nflowgen = 5\n", "`[tool.flowgen]` must be a table", (2, 1, 8), None),
        (
            "tool.flowgen.source = 5\n",
            "`source` must name the folder of the project, or a folder inside it",
            (1, 14, 20),
            None,
        ),
        ("[tool.flowgen\n", "cannot read `pyproject.toml`: ", None, None),
        ("a = " + "[" * 5000, "cannot read `pyproject.toml`: ", None, None),
    ],
)
def test_a_bad_setting(
    tmp_path: Path, settings: str, message: str, place: tuple[int, int, int] | None, help_: str | None
) -> None:
    """FG120 at the key of the right table; what it would have set is as by default."""
    project, [found] = project_of(tmp_path, settings)
    assert (found.code, found.help) == ("FG120", help_)
    assert found.message.startswith(message)
    if place is None:
        assert found.span is None
    else:
        line, start, end = place
        assert found.span is not None
        assert (found.span.file, found.span.start, found.span.end) == (
            SETTINGS,
            Position(line, start),
            Position(line, end),
        )
    assert project == Project(tmp_path)


@pytest.mark.parametrize("settings", ["tool = 5\n", "[[tool]]\n", "", "[tool]\n", "[tool.other]\nflowgen = 1\n"])
def test_settings_of_others(tmp_path: Path, settings: str) -> None:
    """They are not our concern, however odd."""
    project, told = project_of(tmp_path, settings)
    assert (project, told) == (Project(tmp_path), [])


def test_settings_that_are_not_text(tmp_path: Path) -> None:
    """FG120."""
    (tmp_path / SETTINGS).write_bytes(b"\xff")
    sink = Sink()
    find_project(tmp_path, sink)
    assert [one.code for one in sink] == ["FG120"]


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    (tmp_path / SETTINGS).write_text("[tool.flowgen]\n")
    for name in ("workflows/b.yaml", "workflows/a.yml", "workflows/no.txt", "workflows/deep/c.yaml", "other/d.yaml"):
        (tmp_path / name).parent.mkdir(exist_ok=True, parents=True)
        (tmp_path / name).write_text("")
    (tmp_path / "workflows" / "folder.yaml").mkdir()
    return tmp_path


def test_what_paths_stand_for(shop: Path) -> None:
    """A project's folder for its workflows, a folder in it for those in it, a file for itself; in order, each once."""
    assert shown(shop) == ["workflows/a.yml", "workflows/b.yaml"]
    assert shown(shop, ".") == ["workflows/a.yml", "workflows/b.yaml"]
    assert shown(shop, "workflows") == ["workflows/a.yml", "workflows/b.yaml"]
    assert shown(shop, "workflows/deep") == ["workflows/deep/c.yaml"]
    assert shown(shop, "other") == ["other/d.yaml"]
    assert shown(shop, "workflows/no.txt") == ["workflows/no.txt"]
    assert shown(shop, "workflows/b.yaml", ".", "./workflows/../workflows/b.yaml") == [
        "workflows/b.yaml",
        "workflows/a.yml",
    ]
    assert shown(shop / "other", "..") == [str(shop / "workflows/a.yml"), str(shop / "workflows/b.yaml")]


def test_a_workflow_by_its_name(shop: Path) -> None:
    """Without folder and suffix, where there is no such file."""
    assert shown(shop, "a") == ["workflows/a.yml"]


def test_paths_that_do_not_exist(shop: Path) -> None:
    """Each is reported, and the others are found."""
    (shop / "empty").mkdir()
    assert refused(shop, "nowhere", "empty", "workflows/a.yml") == [
        ("FG005", "`nowhere` does not exist"),
        ("FG121", "no workflow found in `empty`"),
    ]


@pytest.mark.parametrize(
    ("here", "name", "help_"),
    [
        ("src/m 2", ".", "the project is in `../..`: run `flowgen -C ../.. …`"),
        (".", "src/m 2", "the workflows are in `workflows`: omit the folder"),
        ("..", "my shop/src", "the project is in `my shop`: run `flowgen -C 'my shop' …`"),
        (".", "workflows/none", "workflows are YAML files in the folder `workflows` of a project"),
    ],
)
def test_a_folder_of_a_project_without_workflows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, here: str, name: str, help_: str
) -> None:
    """FG121 says where the project is, from where one is."""
    root = tmp_path / "my shop"
    for folder in ("src/m 2", "workflows/none"):
        (root / folder).mkdir(parents=True)
    (root / SETTINGS).write_text("[tool.flowgen]\n")
    monkeypatch.chdir(root / here)
    sink = Sink()
    discover((name,), sink, Path())
    assert [(one.code, one.help) for one in sink] == [("FG121", help_)]


def test_an_empty_folder_without_a_project(tmp_path: Path) -> None:
    """FG121 says what a project has."""
    sink = Sink()
    discover((), sink, tmp_path)
    assert [one.help for one in sink] == ["workflows are YAML files in the folder `workflows` of a project"]


@pytest.mark.parametrize("name", ["x" * 5000, "workflows/b.yaml/c", "/dev/null"])
def test_paths_that_are_not_files(shop: Path, name: str) -> None:
    """Names that no file can have, files that are not folders, devices."""
    assert [code for code, _ in refused(shop, name)] == ["FG005"]


def test_a_pipe_is_not_waited_for(shop: Path) -> None:
    """It is not a file."""
    os.mkfifo(shop / "pipe.yaml")
    assert refused(shop, "pipe.yaml") == [("FG005", "cannot read `pipe.yaml`: it is not a regular file")]


def test_a_circle_of_links(shop: Path) -> None:
    """It does not exist."""
    (shop / "loop.yaml").symlink_to("loop.yaml")
    assert [code for code, _ in refused(shop, "loop.yaml")] == ["FG005"]


def test_a_string(tmp_path: Path) -> None:
    """UTF-8, its mark not counted; anything else is reported."""
    (tmp_path / "a").write_bytes(b"\xef\xbb\xbfa: \xc3\xa9\r\n")
    (tmp_path / "b").write_bytes(b"a: \xe9")
    sink = Sink()
    assert read_text(tmp_path / "a", "a", sink) == "a: é\r\n"
    assert list(sink) == []
    assert read_text(tmp_path / "b", "b", sink) is None
    assert read_text(tmp_path / "c", "c", sink) is None
    assert [(one.code, one.message) for one in sink] == [
        ("FG005", "`b` is not valid UTF-8: invalid byte at offset 3"),
        ("FG005", "cannot read `c`: No such file or directory"),
    ]


def test_hidden_files_are_not_workflows(tmp_path: Path) -> None:
    """A project without workflows has a `.pre-commit-config.yaml`; editors keep copies such as `.pay.yaml`."""
    (tmp_path / "pyproject.toml").write_text("[tool.flowgen]\n")
    (tmp_path / ".pre-commit-config.yaml").write_text("repos: []\n")
    sink = Sink()
    assert discover((), sink, tmp_path) == []
    assert [found.code for found in sink] == ["FG121"]
    (tmp_path / "workflows").mkdir()
    for name in ("pay.yaml", ".pay.yaml", ".#pay.yml"):
        (tmp_path / "workflows" / name).write_text("")
    assert [found.shown for found in discover((), Sink(), tmp_path)] == ["workflows/pay.yaml"]
