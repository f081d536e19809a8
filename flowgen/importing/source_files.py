"""Files next to a template, such as the definition of a state machine, read only inside a project's folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from flowgen.input_files import read_file

MAX_BYTES = 2_000_000
"""The largest file in bytes: twice the largest definition or template that AWS accepts."""


class FileProblem(Exception):  # noqa: N818 - the caller converts it to a diagnostic
    """Why a file can't be read."""


@dataclass(frozen=True, slots=True)
class Folder:
    """The folder of a template, inside the folder of its project, with the path that messages show for it."""

    root: Path
    path: Path
    shown: PurePosixPath

    def read(self, name: str) -> tuple[str, str]:
        """The shown path and the text of a file. Raises `FileProblem`."""
        if name.startswith(("/", "\\")) or ":" in name or "\0" in name:
            raise FileProblem("it is not a relative path")
        shown = str(PurePosixPath(self.shown, name.removeprefix("./")))
        try:
            path = (self.path / name).resolve()
            if not path.is_relative_to(self.root.resolve()):
                raise FileProblem("it is outside the project's folder")
            return shown, read_file(path, MAX_BYTES).decode("utf-8-sig")
        except FileNotFoundError:
            raise FileProblem(f"the file does not exist{_similar(path)}") from None
        except OSError as error:
            raise FileProblem(error.strerror or str(error)) from None
        except UnicodeDecodeError:
            raise FileProblem("it is not valid UTF-8") from None

    def sibling(self, name: str) -> Folder:
        """The folder of a file in this folder."""
        parent = PurePosixPath(name).parent
        return Folder(self.root, self.path / parent, PurePosixPath(self.shown, parent))


def _similar(path: Path) -> str:
    """The advice to use a file whose name differs only in case, which other operating systems would find."""
    try:
        names = [other.name for other in path.parent.iterdir() if other.name.lower() == path.name.lower()]
    except OSError:
        return ""
    return f"; did you mean `{names[0]}`?" if len(names) == 1 else ""
