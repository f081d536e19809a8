"""What is put on disk, what stays unchanged, and what is reported."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path, PurePosixPath

import pytest

from flowgen.backends import writing
from flowgen.backends.artifacts import Artifact, generated_file, generated_json, header_of
from flowgen.backends.writing import Action

PLACE = PurePosixPath("src/shop/generated/models.py")
FOLDERS = (PurePosixPath("src"),)


def made(body: str = "x = 1\n", path: PurePosixPath = PLACE, source: str = "workflows/shop.yaml") -> Artifact:
    return generated_file(path, body, source)


def stub(text: str = "stub\n") -> Artifact:
    return Artifact(PurePosixPath("src/shop/send.py"), text, generated=False)


def put(root: Path, *artifacts: Artifact) -> writing.Plan:
    planned = writing.plan(artifacts, root, FOLDERS)
    writing.write(planned, root)
    return planned


def codes(planned: writing.Plan) -> list[tuple[str, str]]:
    return [(found.code, found.message) for found in writing.check(planned)]


def test_a_header_is_read_as_it_was_written() -> None:
    """Source, digest and body come back."""
    header = header_of(generated_file(PLACE, "x = 1\n", "workflows/shop.yaml", "0123456789abcdef").text)
    assert header is not None
    assert (header.source, header.inputs, header.body, header.intact) == (
        "workflows/shop.yaml",
        "0123456789abcdef",
        "x = 1\n",
        True,
    )


def test_line_ends_do_not_count() -> None:
    """Version control may turn line ends around."""
    header = header_of(made("x = 1\ny = 2\n").text.replace("\n", "\r\n"))
    assert header is not None
    assert header.intact


@pytest.mark.parametrize("name", ["a\nimport os.yaml", "a\r.yaml", "a\u2028b.yaml"])
def test_a_file_name_stays_in_its_comment(name: str) -> None:
    """A header is two lines, whatever its source is called."""
    text = made(source=name).text
    assert text.splitlines()[2] == "x = 1"
    assert header_of(text) is not None


@pytest.mark.parametrize("made_as", ["python", "json"])
def test_a_header_in_a_conflict_is_still_ours(tmp_path: Path, made_as: str) -> None:
    """Both sides of a merge have another digest. Only `--overwrite` writes such a file again."""
    [old, new] = [
        made(f"x = {number}\n") if made_as == "python" else generated_json(PLACE, {"maxLength": number}, "shop:Name")
        for number in (1, 2)
    ]
    differing = next(
        line for line, other in zip(old.text.split("\n"), new.text.split("\n"), strict=True) if line != other
    )
    other = next(line for line in new.text.split("\n") if line not in old.text.split("\n"))
    conflict = f"<<<<<<< HEAD\n{differing}\n=======\n{other}\n>>>>>>> theirs"
    put(tmp_path, old)
    (tmp_path / PLACE).write_text(old.text.replace(differing, conflict, 1))

    planned = writing.plan([new], tmp_path, FOLDERS)

    assert [one.message for one in writing.refuse(planned)] == [f"`{PLACE}` was edited by hand"]
    writing.write(planned, tmp_path)
    assert (tmp_path / PLACE).read_text() == new.text


def test_planning_writes_nothing(tmp_path: Path) -> None:
    """A plan is only that."""
    planned = writing.plan([made(), stub()], tmp_path, FOLDERS)
    assert [(change.path.name, change.action) for change in planned.changes] == [
        ("models.py", Action.CREATE),
        ("send.py", Action.CREATE),
    ]
    assert list(tmp_path.iterdir()) == []


def test_files_are_created_whole(tmp_path: Path) -> None:
    """Folders come into being, nothing temporary stays behind, and a second time there is nothing to do."""
    put(tmp_path, made(), stub())
    files = sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file())
    assert files == ["src/shop/generated/models.py", "src/shop/send.py"]
    assert (tmp_path / PLACE).read_bytes() == made().text.encode()
    assert put(tmp_path, made(), stub()) == writing.Plan((), ())


def test_a_stub_is_never_touched_again(tmp_path: Path) -> None:
    """What exists is the user's, be it empty or a broken link."""
    put(tmp_path, stub("one\n"))
    assert put(tmp_path, stub("two\n")).changes == ()
    place = tmp_path / stub().path
    assert place.read_text(encoding="utf-8") == "one\n"
    place.unlink()
    place.symlink_to("nowhere")
    assert put(tmp_path, stub("three\n")) == writing.Plan((), ())
    assert place.is_symlink()


def test_a_changed_file_is_replaced(tmp_path: Path) -> None:
    """Only what changed is written; permissions stay."""
    other = made(path=PurePosixPath("src/shop/generated/other.py"))
    put(tmp_path, made(), other)
    os.chmod(tmp_path / PLACE, 0o640)  # noqa: PTH101 - both are as good
    planned = put(tmp_path, made("x = 2\n"), other)
    assert [(change.path, change.action, change.edited) for change in planned.changes] == [
        (PLACE, Action.REPLACE, False)
    ]
    assert (tmp_path / PLACE).read_text(encoding="utf-8") == made("x = 2\n").text
    assert (tmp_path / PLACE).stat().st_mode & 0o777 == 0o640


def test_missing_and_stale_files_are_reported(tmp_path: Path) -> None:
    """FG601, for each that `flowgen generate` would write."""
    assert codes(writing.plan([made()], tmp_path)) == [("FG601", f"`{PLACE}` is missing")]
    put(tmp_path, made())
    assert codes(writing.plan([made("x = 2\n")], tmp_path)) == [("FG601", f"`{PLACE}` does not match the workflow")]


def test_an_edit_by_hand_is_distinguished_from_staleness(tmp_path: Path) -> None:
    """FG602; generating rejects it, unless it is asked to write the file again."""
    put(tmp_path, made())
    assert writing.refuse(writing.plan([made("x = 2\n")], tmp_path)) == []
    (tmp_path / PLACE).write_text(made().text + "y = 2\n", encoding="utf-8")
    planned = writing.plan([made()], tmp_path)
    assert codes(planned) == [("FG602", f"`{PLACE}` was edited by hand")]
    assert writing.refuse(planned) == writing.check(planned)
    put(tmp_path, made())
    assert (tmp_path / PLACE).read_text(encoding="utf-8") == made().text


@pytest.mark.parametrize("text", ["mine = 1\n", ""])
def test_a_file_of_the_users_is_left_alone(tmp_path: Path, text: str) -> None:
    """A file without our header, in the place of a generated file, is reported and kept."""
    (tmp_path / PLACE).parent.mkdir(parents=True)
    (tmp_path / PLACE).write_text(text, encoding="utf-8")
    planned = put(tmp_path, made())
    assert codes(planned) == [("FG602", f"`{PLACE}` is in the way of a generated file")]
    assert (tmp_path / PLACE).read_text(encoding="utf-8") == text


def test_bytes_that_are_not_text_are_left_alone(tmp_path: Path) -> None:
    """A file that can't be read as text is not ours either."""
    (tmp_path / PLACE).parent.mkdir(parents=True)
    (tmp_path / PLACE).write_bytes(b"\xff\xfe")
    assert [code for code, _ in codes(put(tmp_path, made()))] == ["FG602"]
    assert (tmp_path / PLACE).read_bytes() == b"\xff\xfe"


def test_a_link_in_the_place_of_a_file_is_left_alone(tmp_path: Path) -> None:
    """What a link leads to is not ours to replace."""
    put(tmp_path, made())
    outside = tmp_path / "elsewhere.py"
    (tmp_path / PLACE).rename(outside)
    (tmp_path / PLACE).symlink_to(outside)
    planned = put(tmp_path, made("x = 2\n"))
    assert [code for code, _ in codes(planned)] == ["FG602"]
    assert outside.read_text(encoding="utf-8") == made().text


def test_a_link_out_of_the_project_is_not_followed(tmp_path: Path) -> None:
    """Nothing is written outside the root, whatever folders are links to."""
    root, outside = tmp_path / "project", tmp_path / "outside"
    (root / "src").mkdir(parents=True)
    outside.mkdir()
    (root / "src" / "shop").symlink_to(outside)
    planned = put(root, made(), stub())
    assert [code for code, _ in codes(planned)] == ["FG602", "FG602"]
    assert list(outside.iterdir()) == []


@pytest.mark.parametrize("path", ["../x.py", "src/../../x.py", "/x.py"])
def test_a_path_out_of_the_project_is_a_bug(tmp_path: Path, path: str) -> None:
    """Names are checked before; nothing here makes the best of a bad one."""
    with pytest.raises(ValueError, match="is not inside the project"):
        writing.plan([Artifact(PurePosixPath(path), "", generated=True)], tmp_path)


def test_a_file_in_the_place_of_a_folder_is_reported(tmp_path: Path) -> None:
    """And nothing is written."""
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "shop").write_text("", encoding="utf-8")
    assert codes(put(tmp_path, made())) == [("FG602", f"cannot write `{PLACE}`: `src/shop` is a file")]


def test_a_folder_in_the_place_of_a_file_is_reported(tmp_path: Path) -> None:
    """A folder is nobody's file."""
    (tmp_path / PLACE).mkdir(parents=True)
    assert codes(put(tmp_path, made())) == [("FG602", f"cannot write `{PLACE}`: a folder has this name")]


GONE = PurePosixPath("src/shop/generated/entry_points/old.py")


def test_what_is_not_needed_any_more_is_removed(tmp_path: Path) -> None:
    """With its folder, if that is empty then; the user's files in generated places stay."""
    put(tmp_path, made(), made(path=GONE))
    (tmp_path / "src/shop/generated/mine.py").write_text("mine = 1\n", encoding="utf-8")
    planned = writing.plan([made()], tmp_path, FOLDERS)
    message = f"`{GONE}` was generated for something that the workflow no longer has"
    assert codes(planned) == [("FG601", message)]
    writing.write(planned, tmp_path)
    assert not (tmp_path / GONE).parent.exists()
    assert sorted(path.name for path in (tmp_path / PLACE).parent.iterdir()) == ["mine.py", "models.py"]


def test_an_edited_file_is_not_removed(tmp_path: Path) -> None:
    """What was put into it by hand is not lost."""
    put(tmp_path, made(), made(path=GONE))
    (tmp_path / GONE).write_text(made().text + "y = 2\n", encoding="utf-8")
    assert codes(put(tmp_path, made())) == [("FG602", f"`{GONE}` is obsolete, but was edited by hand")]
    assert (tmp_path / GONE).exists()


def test_files_of_other_workflows_stay(tmp_path: Path) -> None:
    """Generating one workflow of several takes nothing from the others, as long as they exist."""
    (tmp_path / "workflows").mkdir()
    (tmp_path / "workflows" / "other.yaml").write_text("flowgen: 1\n", encoding="utf-8")
    put(tmp_path, made(), made(path=GONE, source="workflows/other.yaml"))
    assert put(tmp_path, made()).changes == ()
    (tmp_path / "workflows" / "other.yaml").unlink()
    assert [change.action for change in put(tmp_path, made()).changes] == [Action.REMOVE]


def test_generated_files_elsewhere_stay(tmp_path: Path) -> None:
    """Only folders called `generated` are ours."""
    copy = PurePosixPath("src/shop/copy.py")
    put(tmp_path, made(), made(path=copy))
    assert put(tmp_path, made()).changes == ()


def test_a_failure_leaves_all_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If one file can't be written, none is, and nothing temporary stays."""
    put(tmp_path, made())
    other = made(path=PurePosixPath("src/shop/generated/other.py"))
    planned = writing.plan([made("x = 2\n"), other], tmp_path)
    real = Path.open

    def full(path: Path, *arguments: str, **options: str) -> object:
        if "other" in path.name:
            raise OSError(28, "No space left on device")
        return real(path, *arguments, **options)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", full)
    with pytest.raises(OSError, match="No space"):
        writing.write(planned, tmp_path)
    monkeypatch.undo()
    assert [path.name for path in (tmp_path / PLACE).parent.iterdir()] == ["models.py"]
    assert (tmp_path / PLACE).read_text(encoding="utf-8") == made().text


@pytest.mark.parametrize("refused", ["open", "unlink"])
def test_a_failure_names_the_file_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refused: str) -> None:
    """And not the one next to it, which is gone by then."""

    def full(path: Path, *_: object, **__: object) -> None:
        raise OSError(28, "No space left on device", str(path))

    with monkeypatch.context() as patched:
        patched.setattr(Path, refused, full)
        with pytest.raises(OSError, match="No space") as caught:
            writing.write(writing.plan([made()], tmp_path), tmp_path)
    assert (caught.value.filename, caught.value.filename2) == (str(tmp_path / PLACE), None)
    with monkeypatch.context() as patched:
        patched.setattr(Path, refused, full)
        with pytest.raises(OSError, match="No space") as caught:
            writing.replace_whole(tmp_path / "stack.yaml", "")
    assert caught.value.filename == str(tmp_path / "stack.yaml")


def test_the_reader_knows_texts_only(tmp_path: Path) -> None:
    """Backends see the project as texts by path; None for what is not there."""
    (tmp_path / "a.py").write_text("a", encoding="utf-8")
    read = writing.reader(tmp_path)
    assert (read(PurePosixPath("a.py")), read(PurePosixPath("b.py"))) == ("a", None)


def test_a_stub_saved_meanwhile_stays(tmp_path: Path) -> None:
    """Between the plan and the writing; a generated file cannot be somebody else's, so that is an error."""
    planned = writing.plan([stub()], tmp_path)
    place = tmp_path / stub().path
    place.parent.mkdir(parents=True)
    place.write_text("mine")
    writing.write(planned, tmp_path)
    assert place.read_text() == "mine"
    planned = writing.plan([made()], tmp_path)
    (tmp_path / PLACE).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / PLACE).write_text("mine")
    with pytest.raises(FileExistsError, match="run the command again"):
        writing.write(planned, tmp_path)
    assert (tmp_path / PLACE).read_text() == "mine"
    assert sorted(path.name for path in (tmp_path / PLACE).parent.iterdir()) == ["models.py"]


def ended() -> int:
    """The id of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


@pytest.mark.parametrize("length", [None, 200, 0])
def test_a_temporary_file_that_a_crash_left_is_removed(tmp_path: Path, length: int | None) -> None:
    """Whole, half written or empty; one of a process that still runs stays, and so does a file of the user's."""
    writing.write(writing.plan([made()], tmp_path), tmp_path)
    folder = (tmp_path / PLACE).parent
    for name, text in {
        f".models.py.{ended()}.tmp": made().text[:length],
        f".models.py.{os.getpid()}.tmp": "",
        f".mine.{ended()}.tmp": "mine",
    }.items():
        (folder / name).write_text(text)
    planned = writing.plan([made()], tmp_path, [PLACE.parent])
    assert planned.diagnostics == ()
    writing.write(planned, tmp_path)
    assert sorted(path.name for path in folder.iterdir() if "models" in path.name) == [
        f".models.py.{os.getpid()}.tmp",
        "models.py",
    ]
    assert len(list(folder.iterdir())) == 3


@pytest.mark.skipif(sys.platform == "win32", reason="needs FIFOs and /dev")
def test_a_device_is_opened_and_never_replaced(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    reader = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    writing.replace_whole(fifo, "text")
    assert os.read(reader, 100) == b"text"
    os.close(reader)
    assert fifo.is_fifo()
    before = Path(os.devnull).stat()
    writing.replace_whole(Path(os.devnull), "text")
    assert Path(os.devnull).stat().st_ino == before.st_ino


@pytest.mark.skipif(sys.platform == "win32", reason="needs /dev/stdout")
def test_stdout_by_its_path_is_appended_to(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.write_text("before;")
    program = "import pathlib, flowgen.backends.writing as w; w.replace_whole(pathlib.Path('/dev/stdout'), 'text')"
    with out.open("a") as file:
        subprocess.run([sys.executable, "-c", program], stdout=file, check=True)
    assert out.read_text() == "before;text"


def test_a_link_to_a_file_stays_one(tmp_path: Path) -> None:
    (tmp_path / "real").write_text("old")
    (tmp_path / "link").symlink_to("real")
    writing.replace_whole(tmp_path / "link", "new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_text() == "new"
