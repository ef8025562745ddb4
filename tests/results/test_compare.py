"""`python -m tracesim.compare`: verdicts with an exit status each, and why two runs cannot be compared."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.runs import refused
from tests.written_runs import BELL, record, write
from tracesim.compare import HELP, main
from tracesim.configuration import PolicyChoice, RunConfiguration, Variation
from tracesim.results import Collection
from tracesim.results.comparison import Comparison, Measure, Side
from tracesim.results.record import Record

OTHER = RunConfiguration("click_bell", PolicyChoice("other", "noisy_expert"), variation=BELL.variation)
CUP = RunConfiguration("place_empty_cup", variation=BELL.variation)


def played(successes: Sequence[bool], of: RunConfiguration = BELL, margin: float = 0.5, first: int = 0) -> list[Record]:
    """Return records of consecutive seeds."""
    return [record(seed, success, of=of, margin=margin) for seed, success in enumerate(successes, first)]


def ten(successes: int) -> list[bool]:
    return [seed < successes for seed in range(10)]


@pytest.mark.parametrize(
    ("a", "b", "verdict", "status"),
    [
        (ten(2), ten(9), "better: B is better than A, by success (p 0.016)", 0),  # 2 * (1/2)^7
        (ten(9), ten(2), "worse: B is worse than A, by success (p 0.016)", 10),
        (ten(4), ten(9), "inconclusive: No difference between A and B is shown, by success (p 0.062)", 11),
        (ten(5), ten(5), "inconclusive: No difference between A and B is shown, by success (p 1.000)", 11),
    ],
)
def test_every_verdict_has_its_exit_status(
    a: list[bool], b: list[bool], verdict: str, status: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folders = [str(write(tmp_path / "a", *played(a))), str(write(tmp_path / "b", *played(b, OTHER)))]
    assert main(folders) == status
    assert verdict in capsys.readouterr().out
    assert main([*folders, "gate=true"]) == (10 if status == 10 else 0)


def test_margins_show_a_difference_that_successes_do_not(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a, b = write(tmp_path / "a", *played(ten(10), margin=0.4)), write(tmp_path / "b", *played(ten(10), OTHER, 0.6))
    output = tmp_path / "comparison.json"
    assert main([str(a), str(b), "by=margins", f"output={output}"]) == 0
    assert main([str(b), str(a), "by=margins"]) == 10
    assert main([str(a), str(b)]) == 11
    written = json.loads(output.read_text())
    assert (written["verdict"], written["by"], written["pairs"]) == ("better", "margins", 10)
    assert written["margins"]["difference"] == pytest.approx(0.1)  # a fifth of the tolerance, on a curve up to twice it
    assert written["success"]["p_value"] == 1.0


def with_versions(records: Sequence[Record], **versions: str) -> list[Record]:
    return [one.model_copy(update={"versions": {**one.versions, **versions}}) for one in records]


NOT_COMPARABLE = {
    "other seeds": (played(ten(9), OTHER, first=10), "No seed is shared: of click_bell, A has seeds 0 to 9 and B has"),
    "other tasks": (played(ten(9), CUP), "No task is shared: A has click_bell, B has place_empty_cup."),
    "other scenes": (
        played(ten(9), replace(OTHER, variation=Variation("clean", clutter=3))),
        "The scenes differ: variation.clutter is 0 in A and 3 in B.",
    ),
    "other versions": (
        [
            one.model_copy(update={"versions": {**one.versions, "mplib": "0.9", "python": "3.13"}})
            for one in played(ten(9))
        ],
        "in A and 0.9 in B, which can change verdicts.",
    ),
}


@pytest.mark.parametrize("why", NOT_COMPARABLE)
def test_what_cannot_be_compared_is_not(why: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    records, said = NOT_COMPARABLE[why]
    folders = [str(write(tmp_path / "a", *played(ten(2)))), str(write(tmp_path / "b", *records))]
    assert main([*folders, "gate=true"]) == 12
    out = capsys.readouterr().out
    assert said in out
    assert "python" not in out
    assert "better" not in out


def test_versions_that_change_no_verdict_do_not_matter(tmp_path: Path) -> None:
    newer = with_versions(played(ten(9), OTHER), python="3.13")
    assert main([str(write(tmp_path / "a", *played(ten(2)))), str(write(tmp_path / "b", *newer))]) == 0


def test_two_policies_of_one_sweep_are_compared_by_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for number, records in enumerate((played(ten(2)), played(ten(9), OTHER), played(ten(9), CUP))):
        write(tmp_path / "sweep" / str(number), *records)
    assert main([str(tmp_path / "sweep"), "policies=expert,other"]) == 0
    said = capsys.readouterr().out
    assert "B: other, A: expert, on the same 10 seeds" in said
    assert "Left out, without a counterpart on the same seed: 10 episodes of A, 0 of B." in said
    assert "policy.kind is expert in A and noisy_expert in B." in said


@settings(max_examples=30, deadline=None)
@given(
    successes=st.lists(
        st.tuples(st.sampled_from([BELL, CUP]), st.integers(0, 9), st.booleans(), st.booleans()), min_size=1
    )
)
def test_the_other_way_round_everything_has_the_other_sign(
    successes: list[tuple[RunConfiguration, int, bool, bool]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("runs")
    once = {(of.task, seed): (of, seed, a, b) for of, seed, a, b in successes}.values()
    write(folder / "a", *(played([a], of, first=seed)[0] for of, seed, a, _ in once))
    write(folder / "b", *(played([b], of, first=seed)[0] for of, seed, _, b in once))
    first, second = (Side.of(Collection.read([folder / name]), None, name) for name in ("a", "b"))
    there, back = Comparison.of(first, second), Comparison.of(second, first)
    assert there.n == len(once)
    measures: tuple[Measure, ...] = ("success", "margins")
    for by in measures:
        assert there.p_value[by] == pytest.approx(back.p_value[by])
        assert there.difference[by].value == pytest.approx(-back.difference[by].value)
    low, high = there.difference["success"].interval
    assert back.difference["success"].interval == pytest.approx((-high, -low))
    opposite = {"better": "worse", "worse": "better", "inconclusive": "inconclusive"}
    assert back.verdict("success") == opposite[there.verdict("success")]


def test_a_plan_says_how_many_seeds_a_difference_needs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan=0.5"]) == 0
    assert "A difference of 50 points needs 19 seeds" in capsys.readouterr().out
    folders = [str(write(tmp_path / "a", *played(ten(2)))), str(write(tmp_path / "b", *played(ten(9), OTHER)))]
    assert main([*folders, "plan=0.5"]) == 0
    assert "if they disagree on 70 % of the seeds, as here" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "Two policies are compared. Valid: python -m tracesim.compare A B, or one FOLDER and policies=A,B."),
        (["one"], "Two policies are compared."),
        (["one", "policies=expert"], "policies=expert: two names, joined by a comma."),
        (["one", "policies=expert,exprt"], "one has no policy 'exprt'. Valid: policies=A,B with two of expert, other."),
        (["one", "one"], "one has several policies. Valid: policies=A,B with two of expert, other."),
        (["one", "one", "by=luck"], "by=luck. Valid: 'success' or 'margins'."),
        (["plan=0"], "plan=0: a difference of rates, above 0 and at most 1."),
        (["plan=0.0001"], "plan=0.0001: more than 1,000,000 episodes would be needed."),
    ],
)
def test_wrong_words_are_refused_in_one_line(
    words: list[str],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "one" / "0", record(0))
    write(tmp_path / "one" / "1", record(0, of=OTHER))
    assert main(words) == 2
    assert said in refused(capsys)
    assert main(["--help"]) == 0
    assert capsys.readouterr().out == HELP
