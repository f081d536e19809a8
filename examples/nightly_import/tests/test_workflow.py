"""Good, late, missing and wrong files."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flowgen.testing import Flowgen

from nightly_import.generated.models import Loaded, Night

WORKFLOW = "workflows/nightly_import.yaml"
MAY_DAY = Night(at=datetime(2026, 5, 1, 23, 30, tzinfo=UTC))
SENT = {"tell": {"MessageId": "m-1"}}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SALES_FOLDER", str(tmp_path))
    return tmp_path


def write(folder: Path, *rows: str) -> None:
    (folder / "2026-05-01.csv").write_text("\n".join(["article,count,cents,total", *rows, ""]), encoding="utf-8")


def test_a_day_is_loaded(flowgen: Flowgen, folder: Path) -> None:
    write(folder, "mug,2,850,1700", "tea,1,1200,1200", "mug,1,850,850")

    run = flowgen(WORKFLOW).run(MAY_DAY, mocks=SENT)

    assert run.took_path("fetched", "checked", "loaded", exactly=True).output_as(Loaded) == Loaded(rows=3, cents=3750)
    assert json.loads((folder / "2026-05-01.json").read_text("utf-8")) == {"mug": 3, "tea": 1}


def test_the_schedule_starts_the_workflow(flowgen: Flowgen, folder: Path) -> None:
    write(folder, "mug,2,850,1700")

    run = flowgen(WORKFLOW).run({"scheduled_time": "2026-05-01T23:30:00Z"}, trigger="nightly", mocks=SENT)

    assert run.output_as(Loaded) == Loaded(rows=1, cents=1700)


def test_the_workflow_waits_for_a_late_file(flowgen: Flowgen, folder: Path) -> None:
    write(folder, "mug,2,850,1700")

    run = flowgen(WORKFLOW).run(MAY_DAY, mocks=SENT, fail={"fetched": ("FileMissing", 2)})

    run.succeeded().retried("fetched", 2)
    assert run.elapsed == timedelta(minutes=10 + 20)


def test_a_missing_file_fails_with_a_notification(flowgen: Flowgen, folder: Path) -> None:
    run = flowgen(WORKFLOW).run(MAY_DAY, mocks=SENT)

    run.failed("FileMissing", "there is no 2026-05-01.csv yet")
    run.called("tell", times=1, with_={"Subject": "Import of 2026-05-01 failed"})


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("mug,2,850,1600", "line 3: 2 x 850 is not 1600"),
        ("mug,two,850,1700", "line 3: not a sale"),
        ("mug", "not a sale"),
    ],
)
def test_a_wrong_file_is_not_loaded(flowgen: Flowgen, folder: Path, row: str, reason: str) -> None:
    write(folder, "tea,1,1200,1200", row)

    run = flowgen(WORKFLOW).run(MAY_DAY, mocks=SENT)

    run.failed("BadRows", reason).skipped("loaded").called("tell", times=1)
    assert not (folder / "2026-05-01.json").exists()


def test_a_failed_notification_is_the_error(flowgen: Flowgen, folder: Path) -> None:
    flowgen(WORKFLOW).run(MAY_DAY, mocks=SENT, fail={"tell": "SNS.InternalErrorException"}).failed(
        "SNS.InternalErrorException"
    )
