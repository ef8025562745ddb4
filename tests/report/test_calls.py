"""The calls of models in a report, as a run recorded them."""

from __future__ import annotations

from pathlib import Path

from pydantic import JsonValue

from tracesim.models.calls import Call, RecordedCall
from tracesim.report.calls import Calls
from tracesim.results.call_store import CallStore

PICTURE = f"pictures/{'0123456789abcdef' * 4}.png"


def test_the_calls_of_an_episode_come_with_the_pictures_that_were_sent(tmp_path: Path) -> None:
    run, report = tmp_path / "run", tmp_path / "report"
    (report / "pictures").mkdir(parents=True)
    run.mkdir()
    sent: JsonValue = {"messages": [{"content": [{"text": "Where?"}, {"image": PICTURE}, {"image": PICTURE}]}]}
    with CallStore(run) as store:
        for seed, turn in ((3, 0), (3, 1), (None, None)):
            call = Call(
                seed=seed, turn=turn, attempt=1, started="", seconds=0.5, address="http://x", sent=sent, answered="[]"
            )
            store(RecordedCall(call, {PICTURE: b"a picture"}))
    calls = Calls(report)
    assert [one["turn"] for one in calls.of(run, 3)] == [0, 1]
    assert calls.of(run, 3)[0]["pictures"] == [PICTURE]
    assert (report / PICTURE).read_bytes() == b"a picture"
    assert calls.of(run, 4) == calls.of(tmp_path / "another", 3) == []
