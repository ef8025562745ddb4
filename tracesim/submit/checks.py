"""Checks of runs that are to be submitted together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby

from tracesim.policies import as_played
from tracesim.results.entrant import Entrant
from tracesim.results.provenance import Code
from tracesim.results.record import Record
from tracesim.results.versions import VERDICT_PACKAGES
from tracesim.submit.played_run import PlayedRun

_SHOWN = 5
"""A message names at most so many ranges of seeds."""


def faults(runs: Sequence[PlayedRun], curves: bool = False) -> list[str]:
    """Return what keeps runs from being submitted together, each fault as a sentence.

    Args:
        runs: The runs.
        curves: Whether curves files are submitted, too.

    Raises:
        ConfigurationError: The configuration of a run is invalid.
    """
    if not any(run.records for run in runs):
        return ["There are no records."]
    found = [*_provenance(runs), *_identity(runs), *_versions(runs), *_code(runs), *_episodes(runs)]
    return [*found, *_curves(runs)] if curves else found


def warnings(runs: Sequence[PlayedRun]) -> list[str]:
    """Return what a reader of a submission should know, although it does not keep runs from being submitted.

    Args:
        runs: Runs without faults.
    """
    found, every = [], codes(runs)
    if any(one.commit is None for one in every):
        found.append(
            "The commit of the code is not known, because it did not run from a clone: only its digest and the version "
            "tell what played."
        )
    if any(one.dirty for one in every):
        found.append(
            "Files of the clone differed from the commit: if code that plays or judges was among them, nobody else has "
            "it. Commit, and play again."
        )
    limited = sum(not one.reproducible for run in runs for one in run.judged)
    if limited:
        found.append(
            f"{limited} episodes depended on a time limit of a planner: they may be played otherwise elsewhere."
        )
    return found


def codes(runs: Iterable[PlayedRun]) -> list[Code]:
    """Return the code of every session of runs."""
    return [session.code for run in runs if run.provenance is not None for session in run.provenance.sessions]


def ranges(seeds: Iterable[int]) -> str:
    """Return seeds in words, such as "3, 5-7 and 12 more"."""
    ordered = sorted(seeds)
    spans = [[place for _, place in of] for _, of in groupby(enumerate(ordered), lambda one: one[1] - one[0])]
    shown = [str(span[0]) if len(span) == 1 else f"{span[0]}-{span[-1]}" for span in spans[:_SHOWN]]
    left = sum(map(len, spans[_SHOWN:]))
    return ", ".join(shown) + (f" and {left} more" if left else "")


def _provenance(runs: Sequence[PlayedRun]) -> Iterator[str]:
    for run in runs:
        if run.provenance is None:
            yield (
                f"{run.name}: provenance.json is missing, so nobody can tell which code played these episodes. Valid: "
                "the whole folder of the run, or a new run."
            )
            continue
        assert run.configuration is not None
        if not run.provenance.sessions:
            yield f"{run.name}: its provenance names no session, so nobody can tell which code played these episodes."
        if as_played(run.configuration).hash != run.provenance.configuration_hash:
            yield f"{run.name}: the configuration in its provenance does not have the hash that stands beside it."
        other = [one.seed for one in run.records if one.configuration_hash != run.provenance.configuration_hash]
        if other:
            yield f"{run.name}: the records of seeds {ranges(other)} are of another configuration than the run's."
    rules = [run.provenance.rules for run in runs if run.provenance is not None]
    if any(one != rules[0] for one in rules):
        yield "The runs were played by different rules of termination or rates of physics."


def _identity(runs: Sequence[PlayedRun]) -> Iterator[str]:
    entrants: dict[str, Entrant] = {}
    for run in runs:
        for record in _one_a_configuration(run.records):
            entrant = Entrant.of(record)
            entrants.setdefault(entrant.identity, entrant)
    first, *others = entrants.values()
    policies = sorted({one.policy for one in (first, *others)})
    if len(policies) > 1:
        yield (
            f"There are several policies: {', '.join(policies)}. Submit one at a time: name its folders, or add "
            f"policy={policies[0]}."
        )
        return
    differs = {key for one in others for key in {**first.settings, **one.settings} if _differs(key, first, one)}
    if differs:
        yield f"The episodes were played under different conditions: {', '.join(sorted(differs))} differ."
    elif others:
        yield "The episodes were played with different content of the files that the policy reads."


def _one_a_configuration(records: Iterable[Record]) -> Iterable[Record]:
    return {(one.configuration_hash, one.policy, one.robot, one.task): one for one in records}.values()


def _differs(key: str, one: Entrant, other: Entrant) -> bool:
    return bool(one.settings.get(key) != other.settings.get(key))


def _versions(runs: Sequence[PlayedRun]) -> Iterator[str]:
    for package in VERDICT_PACKAGES:
        versions = sorted({record.versions.get(package, "unknown") for run in runs for record in run.records})
        if len(versions) > 1:
            yield f"The episodes were played with several versions of {package}: {', '.join(versions)}."


def _code(runs: Sequence[PlayedRun]) -> Iterator[str]:
    digests = {one.digest: one for one in codes(runs)}
    if len(digests) > 1:
        named = ", ".join(one.commit[:12] if one.commit else digest[:12] for digest, one in digests.items())
        yield f"The episodes were played by different code of TraceSim: {named}."


def _episodes(runs: Sequence[PlayedRun]) -> Iterator[str]:
    """Yield what is wrong with the seeds of each task: every one of them has to be there exactly once."""
    of_task: defaultdict[str, list[PlayedRun]] = defaultdict(list)
    for run in runs:
        for task in {one.task for one in run.records} | ({run.configuration.task} if run.configuration else set()):
            of_task[task].append(run)
    for task, own in sorted(of_task.items()):
        yield from _episodes_of(task, own)


def _episodes_of(task: str, runs: Sequence[PlayedRun]) -> Iterator[str]:
    expected = frozenset[int]().union(*(run.expected_seeds for run in runs))
    results: defaultdict[int, dict[str, str]] = defaultdict(dict)
    outside: dict[int, str] = {}
    for run in runs:
        for record in run.records:
            if record.task != task:
                continue
            if record.is_infrastructure:
                outside[record.seed] = run.name
            else:
                results[record.seed].setdefault(record.record_hash, run.name)
    left = {seed: name for seed, name in outside.items() if seed not in results}
    missing = expected - results.keys() - left.keys()
    if missing:
        yield f"{task}: seeds {ranges(missing)} are missing. {_way_out(_lacking(runs, missing))}"
    if left:
        yield (
            f"{task}: seeds {ranges(left)} failed outside the benchmark, which says nothing about the policy. "
            f"{_way_out(left.values())}"
        )
    if expected and (extra := results.keys() - expected):
        yield f"{task}: seeds {ranges(extra)} are none of those that the run or its split has."
    for seed, found in sorted(results.items()):
        if len(found) > 1:
            yield f"{task}: seed {seed} has different results, in {' and in '.join(dict.fromkeys(found.values()))}."


def _lacking(runs: Sequence[PlayedRun], seeds: frozenset[int]) -> list[str]:
    return [run.name for run in runs if run.expected_seeds & seeds]


def _way_out(names: Iterable[str]) -> str:
    return " ".join(f"Finish it: python -m tracesim.run resume={name}." for name in dict.fromkeys(names))


def _curves(runs: Sequence[PlayedRun]) -> Iterator[str]:
    for run in runs:
        assert run.folder is not None
        there = [one for one in run.judged if one.curves_file is not None]
        lost = [one.seed for one in there if not (run.folder / str(one.curves_file)).is_file()]
        if lost:
            yield f"{run.name}: the curves files of seeds {ranges(lost)} are missing. Leave curves=true out."


def splits(runs: Iterable[PlayedRun]) -> Mapping[str, str | None]:
    """Return SHA-256 of the split of each task; None if it was played without one."""
    return {run.configuration.task: run.configuration.split_hash for run in runs if run.configuration is not None}
