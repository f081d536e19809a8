"""A page's commands, run one after the other in their own folder, as its reader would."""

from __future__ import annotations

import difflib
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.unit.docs.pages import ROOT, Block

_PASSED_ON = ("SYSTEMROOT", "TMPDIR")


class Session:
    """A shell that remembers its folder. `folder` is empty at first and gets a copy of the examples.

    With `update`, the page gets what commands print and files contain now, see `refreshed`.
    """

    def __init__(self, folder: Path, *, update: bool = False) -> None:
        self.update = update
        self.texts: dict[Block, str] = {}
        self.home = folder / "home"
        self.home.mkdir()
        self.cwd = folder / "flowgen"
        ignored = shutil.ignore_patterns("__pycache__", ".*_cache")
        shutil.copytree(ROOT / "examples", self.cwd / "examples", ignore=ignored)

    def follow(self, block: Block) -> bool:
        """Does what a block says, and compares the result with what the block shows. False: there is nothing to do."""
        if (name := block["shows"]) is not None:
            self._compare(block, (self.cwd / name).read_text("utf-8"), part=True)
        elif (name := block["writes"]) is not None:
            path = self.cwd / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text, "utf-8")
            if block.language == "yaml" and not block.has("import"):
                self._check(block, name)
        elif (name := block["patches"]) is not None:
            self._patch(block, self.cwd / name)
        elif block.language in ("console", "bash") and not block.has("no-run"):
            self._commands(block)
        else:
            return False
        return True

    def _check(self, block: Block, name: str) -> None:
        wanted = block["finds"].split(",") if block["finds"] else []
        _, printed = self._run(f"flowgen -q check --format concise {shlex.quote(name)}")
        assert re.findall(r"\[(FG\d+)\]", printed) == wanted, f"{block.place}: {printed}"

    def _commands(self, block: Block) -> None:
        commands = list(_commands(block))
        for number, (command, shown) in enumerate(commands, 1):
            wanted = int(block["exit"] or 0) if number == len(commands) else 0
            status, printed = self._run(command)
            self._compare(block, printed, shown=shown, command=command, final=status == wanted)
            assert status == wanted, f"{block.place}: `{command}` ended with {status}, not {wanted}:\n{printed}"

    def _run(self, command: str) -> tuple[int, str]:
        where = self.home / "pwd"
        environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        environment |= {
            # The system's own programs come last: pages use a few, and the PATH of a test run may lack them.
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"], os.defpath]),
            "HOME": str(self.home),
            "LC_ALL": "C.UTF-8",
            "COLUMNS": "80",
            "NO_COLOR": "1",
            "PYTHONHASHSEED": "random",
        }
        done = subprocess.run(
            ["bash", "-c", f'{command}\nstatus=$?; pwd > "{where}"; exit $status'],  # noqa: S607 - the reader's own shell
            cwd=self.cwd,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        self.cwd = Path(where.read_text("utf-8").strip())
        return done.returncode, done.stdout

    def _compare(
        self,
        block: Block,
        found: str,
        *,
        shown: str | None = None,
        command: str = "",
        part: bool = False,
        final: bool = True,
    ) -> None:
        shown = block.text if shown is None else shown
        if self.update and final and not _matches(shown, found, part=part):
            shown = self._refresh(block, shown, refreshed(shown, found, part=part))
        assert _matches(shown, found, part=part), (
            f"{block.place}: {command or block['shows']} gives something else:\n{found}"
        )

    def _refresh(self, block: Block, shown: str, now: str) -> str:
        """Puts another text into a block of the page, and returns it."""
        before = self.texts.get(block, block.text)
        self.texts[block] = before.replace(shown, now, 1)
        page = block.page.read_text("utf-8")
        block.page.write_text(page.replace(f"\n{before}```", f"\n{self.texts[block]}```", 1), "utf-8")
        return now

    def _patch(self, block: Block, path: Path) -> None:
        lines = block.text.splitlines(keepends=True)
        assert all(line[0] in " +-" for line in lines), f"{block.place}: a line of a change starts with ' ', + or -"
        before = "".join(line[1:] for line in lines if line[0] in " -")
        after = "".join(line[1:] for line in lines if line[0] in " +")
        text = path.read_text("utf-8")
        assert text.count(before) == 1, f"{block.place}: {path.name} does not hold these lines once:\n{text}"
        path.write_text(text.replace(before, after), "utf-8")


def _commands(block: Block) -> Iterator[tuple[str, str]]:
    """Each command of a block and what is shown below it. A line that ends in a backslash goes on in the next."""
    for part in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
        command, end, rest = part.partition("\n")
        while command.endswith("\\"):
            more, end, rest = rest.partition("\n")
            command += end + more
        yield command, rest


def _matches(shown: str, found: str, *, part: bool) -> bool:
    pattern = pattern_of(shown)
    return bool(re.search(rf"^{pattern}", found, re.MULTILINE) if part else re.fullmatch(pattern, found))


def refreshed(shown: str, found: str, *, part: bool = False) -> str:
    """A shown text with the words of what is found now: each line that is not there becomes the line most like it.

    Further lines at the end are added.
    """
    if "…" not in shown and not part:
        return found
    lines = found.splitlines()
    now = []
    for line in shown.splitlines():
        is_there = line.strip() in ("…", "# …") or any(re.fullmatch(pattern_of(line), f"{one}\n") for one in lines)
        now.append(line if is_there else next(iter(difflib.get_close_matches(line, lines, 1, 0.4)), line))
    text = "".join(f"{line}\n" for line in now)
    whole = part or _matches(text, found, part=False)
    beginning = None if whole else re.match(pattern_of(text), found)
    return text if beginning is None else text + found[beginning.end() :]


def pattern_of(shown: str) -> str:
    """The regular expression of a shown text.

    A line that is `…`, or `# …` where the block must stay YAML, stands for any lines; another `…` for anything.
    """
    lines = []
    for line in shown.splitlines():
        if line.strip() in ("…", "# …"):
            lines.append(r"(?:.*\n)*?")
        else:
            lines.append(re.escape(line).replace("…", ".*") + r"\n")
    return "".join(lines)
