"""Visits of random machines: each event belongs to the visit of its state, and a run document has all of them."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from flowgen.local import execute
from flowgen.local.visits import place_events
from flowgen.running import Program
from flowgen.viewer import Recorded, report_page, run_document
from flowgen.viewer.page import ASSETS
from tests.property.machines import make, tasks

MACHINES = 400


def test_events_belong_to_the_visits_of_their_states() -> None:
    """Also where branches, iterations, retries and errors interleave."""
    for seed in range(MACHINES):
        definition, given = make(seed)
        execution = execute(definition, given, tasks=tasks())
        for event, visit, _ in place_events(execution.events):
            if event.type.startswith("Execution"):
                assert visit is None, seed
                continue
            if visit is None:
                assert event.type.endswith("Aborted"), (seed, event)  # these may follow from another thread
                continue
            name = event.details.get("name")
            assert name in {None, visit.name}, (seed, event)
            kind = re.match(r"(Task|Map|Parallel|Wait|Pass|Choice|Fail|Succeed)State", event.type)
            assert kind is None or kind[1] == visit.kind, (seed, event)
            assert visit.began <= event.time, (seed, event)
            if event.type.endswith("StateExited"):
                assert (visit.ended, visit.output) == (event.time, event.details["output"]), seed


@pytest.mark.needs("node")
def test_scripts_read_every_document(tmp_path: Path) -> None:
    """The status of each visit at each event is known, and succeeded or caught ones are those that ended."""
    documents = []
    for seed in range(MACHINES):
        definition, given = make(seed)
        execution = execute(definition, given, tasks=tasks())
        document = run_document("random", [Recorded(Program("random", definition), execution)])
        assert "</script>" in report_page(document)
        documents.append(document)
    (tmp_path / "run_model.mjs").write_text((ASSETS / "run_model.js").read_text("utf-8"))
    (tmp_path / "main.mjs").write_text(
        """
        import { readFileSync } from "node:fs";
        import * as m from "./run_model.mjs";
        const known = new Set(["waiting", "running", "succeeded", "caught", "failed", "halted"]);
        JSON.parse(readFileSync(0, "utf-8")).forEach((document, seed) => {
          const run = m.readRun(document, 0), end = run.events.length;
          for (const visit of run.visits) {
            m.variablesAfter(run, visit); m.visitBefore(run, visit); m.threadsOf(visit); m.pathOf(visit);
            for (let now = 0; now <= end; now += 1) {
              const status = m.statusOf(run, visit, now);
              if (!known.has(status)) throw new Error(`${seed}: ${status}`);
              if ((status === "waiting") !== now < visit.entered) throw new Error(`${seed}: ${visit.name} at ${now}`);
            }
            const last = m.statusOf(run, visit, end);
            const ended = visit.left !== null || visit.kind === "Succeed";
            if (ended !== ["succeeded", "caught"].includes(last)) throw new Error(`${seed}: ${visit.name} ${last}`);
          }
        });
        console.log("ok");
        """
    )
    node = shutil.which("node") or "node"
    done = subprocess.run(
        [node, "main.mjs"], cwd=tmp_path, input=json.dumps(documents), capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("ok\n", "")
