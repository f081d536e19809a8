"""A file with a few rows, and a mock instead of the table."""

import json
from collections.abc import Callable
from typing import Any

from flowgen.testing import Flowgen

from import_videos.generated.models import Source

WORKFLOW = "workflows/import_videos.yaml"
SOURCE = Source(bucket="videos", key="may.csv")
HEAD = "Content,VideoTitle,VideoPublishTime,Views\n"


def rows(count: int) -> dict[str, str]:
    return {"videos/may.csv": HEAD + "".join(f'v-{n},"A, or {n}",2026-05-01,{n}\n' for n in range(count))}


def test_each_row_becomes_an_item(flowgen: Flowgen) -> None:
    items: list[Any] = []

    run = flowgen(WORKFLOW).run(SOURCE, mocks={"put": lambda given: items.append(given["Item"])}, s3_objects=rows(3))

    run.succeeded()
    assert [item["title"]["S"] for item in items] == ["A, or 0", "A, or 1", "A, or 2"]
    assert items[2] == {
        "id": {"S": "v-2"},
        "title": {"S": "A, or 2"},
        "published": {"S": "2026-05-01"},
        "views": {"N": "2"},
    }


def test_an_uploaded_file_starts_the_workflow(flowgen: Flowgen) -> None:
    event = {"detail": {"bucket": {"name": "videos"}, "object": {"key": "may.csv"}}}

    items: list[Any] = []

    run = flowgen(WORKFLOW).run(event, trigger="uploaded", mocks={"put": items.append}, s3_objects=rows(2))

    run.succeeded()
    assert len(items) == 2


def test_the_results_are_written_to_s3(flowgen: Flowgen) -> None:
    objects = rows(2)

    output = flowgen(WORKFLOW).run(SOURCE, mocks={"put": {}}, s3_objects=objects).output

    written = output["ResultWriterDetails"]
    manifest = json.loads(objects[f"{written['Bucket']}/{written['Key']}"])
    assert len(manifest["ResultFiles"]["SUCCEEDED"]) == 1
    assert manifest["ResultFiles"]["FAILED"] == []


def one_of(count: int) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """A table that rejects one in `count` items."""

    def put(given: dict[str, Any]) -> dict[str, Any]:
        if int(given["Item"]["views"]["N"]) % count == 0:
            raise ValueError(given["Item"]["id"]["S"])
        return {}

    return put


def test_a_bad_row_in_twenty_is_tolerated(flowgen: Flowgen) -> None:
    flowgen(WORKFLOW).run(SOURCE, mocks={"put": one_of(20)}, s3_objects=rows(40)).succeeded()


def test_a_busy_table_is_retried(flowgen: Flowgen) -> None:
    busy = ("DynamoDB.ProvisionedThroughputExceededException", 3)

    run = flowgen(WORKFLOW).run(SOURCE, mocks={"put": {}}, fail={"put": busy}, s3_objects=rows(2))

    run.succeeded()


def test_more_bad_rows_fail_the_import(flowgen: Flowgen) -> None:
    run = flowgen(WORKFLOW).run(SOURCE, mocks={"put": one_of(10)}, s3_objects=rows(40))

    run.failed("States.ExceedToleratedFailureThreshold")


def test_a_missing_file_fails_the_import(flowgen: Flowgen) -> None:
    flowgen(WORKFLOW).run(SOURCE, mocks={"put": {}}, s3_objects={}).failed("States.ItemReaderFailed")
