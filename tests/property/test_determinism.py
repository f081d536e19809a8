"""The same file gives the same bytes, whatever Python seeds its hashes with."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

CASES = Path(__file__).parents[1] / "cases"

BROKEN = """
flowgen: 1
name: broken
functions:
  send: {errors: [Alpha, Alphb, Alphc], retry: {errors: [Alphd], attempts: 1}}
  sent: {}
types:
  Aaa: Aab
  Aac: Aad?
  Aad: {fields: {x: strin}}
steps:
  - id: one
    call: senx
    with: ${ $uppercas($on) & $tow & $lowercas('x') }
    catch:
      - errors: [Alphx, Lambda.Unknwon, States.Timeot]
        steps: []
  - id: two
    switch:
      - when: $exists($one)
        steps: [{id: three, set: 1}, {id: four, set: 2}, {id: five, set: 3}]
      - when: "true"
        steps: [{id: six, set: 1}, {id: seven, set: 2}]
  - id: last
    set: ["${ $three }", "${ $four }", "${ $five }", "${ $six }", "${ $seven }", "${ $two }", "${ $thre }"]
    retri: 3
"""

SCRIPT = """
import json, sys
from pathlib import Path
from flowgen.diagnostics.render import FORMATS, PLAIN
from flowgen.pipeline import check_paths, check_text, definition

broken = sys.stdin.read()
for text in (broken, broken.replace("    retri: 3", "")):
    found = check_text(text)
    print(len(found))
    for form in FORMATS:
        print(FORMATS[form](found, {"workflow.yaml": text}, PLAIN))
folder = Path(sys.argv[1])
for path in sorted(folder.glob("*/*/workflow.yaml")):
    for loaded in check_paths((path.relative_to(folder).as_posix(),), folder).loaded:
        print(json.dumps(definition(loaded)))
"""


def output(seed: str) -> bytes:
    environment = {**os.environ, "PYTHONHASHSEED": seed}
    return subprocess.run(
        [sys.executable, "-c", SCRIPT, str(CASES)],
        input=BROKEN.encode(),
        env=environment,
        capture_output=True,
        check=True,
    ).stdout


def test_the_seed_of_hashes_changes_nothing() -> None:
    """Findings in all their forms and state machines come out alike under three seeds."""
    first, *others = [output(seed) for seed in ("0", "1", "2026")]
    assert b"did you mean" in first
    assert first.count(b'"StartAt"') >= len(list(CASES.glob("*/*/workflow.yaml")))
    assert [other == first for other in others] == [True, True]
