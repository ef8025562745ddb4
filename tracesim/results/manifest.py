"""Manifest of a submission: what is in it, and the hash of each of its files."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, JsonValue

from tracesim.configuration import Variation
from tracesim.results.provenance import Code
from tracesim.results.record import Record
from tracesim.results.versions import VERDICT_PACKAGES

MANIFEST_SCHEMA: Final = 1
MANIFEST_FILE: Final = "manifest.json"

_CHECKED: Final = ConfigDict(frozen=True, extra="forbid")


class Member(BaseModel):
    """A file of the submission."""

    model_config = _CHECKED

    size: int
    """Size in bytes."""

    sha256: str
    """SHA-256 of its content, in hexadecimal."""


class SubmittedTask(BaseModel):
    """The episodes of one task."""

    model_config = _CHECKED

    task: str
    """Name of the task."""

    configuration_hash: str
    """SHA-256 of everything that determines the episodes except their seeds, as in their records."""

    seeds: list[int]
    """Seeds in ascending order."""

    split_hash: str | None
    """SHA-256 of the file of the split that was played; null if the seeds are those of no split."""


class Manifest(BaseModel):
    """What a submission holds: `manifest.json`."""

    model_config = _CHECKED

    schema_version: Literal[1] = MANIFEST_SCHEMA
    """Version of this schema."""

    policy: str
    """Name of the policy's configuration."""

    policy_kind: str
    """Name of the policy's class."""

    policy_options: dict[str, JsonValue]
    """Options of the policy, without paths of files."""

    policy_files: dict[str, str]
    """SHA-256 of the content of each file or folder that an option of the policy names, by option."""

    robot: str
    """Name of the robot."""

    variation: Variation
    """What varies between seeds."""

    code: Code
    """The code of TraceSim that played; without a commit if there were several, all with the same digest."""

    versions: dict[str, str]
    """Versions of the packages that change verdicts."""

    tasks: list[SubmittedTask]
    """The tasks, in alphabetical order."""

    warnings: list[str]
    """What a reader should know about the episodes."""

    members: dict[str, Member]
    """Every other file, by its name."""

    @classmethod
    def of(
        cls,
        records: Sequence[Record],
        codes: Sequence[Code],
        splits: Mapping[str, str | None],
        warnings: Sequence[str],
        members: Mapping[str, Member],
    ) -> Self:
        """Return the manifest of episodes that one policy played under the same conditions.

        Args:
            records: Their records.
            codes: The code of every session that played them; all have one digest.
            splits: SHA-256 of the file of the split of each task, None without one.
            warnings: What a reader should know.
            members: The other files.
        """
        first, seeds = records[0], defaultdict[tuple[str, str], list[int]](list)
        for record in records:
            seeds[record.task, record.configuration_hash].append(record.seed)
        files: Any = first.policy_files
        return cls(
            policy=first.policy,
            policy_kind=first.policy_kind,
            policy_options={name: value for name, value in first.policy_options.items() if name not in files},
            policy_files=dict(files),
            robot=first.robot,
            variation=first.variation,
            code=codes[0] if len(set(codes)) == 1 else Code(digest=codes[0].digest, dirty=_any_dirty(codes)),
            versions={name: first.versions[name] for name in VERDICT_PACKAGES if name in first.versions},
            tasks=[
                SubmittedTask(task=task, configuration_hash=held, seeds=sorted(of_task), split_hash=splits.get(task))
                for (task, held), of_task in sorted(seeds.items())
            ],
            warnings=list(warnings),
            members=dict(members),
        )


def _any_dirty(codes: Sequence[Code]) -> bool | None:
    known = [one.dirty for one in codes if one.dirty is not None]
    return any(known) if known else None
