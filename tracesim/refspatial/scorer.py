"""Scores of answers to RefSpatial-Bench: the mean share of points on the mask, as published or with corrections."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np

from tracesim import __version__
from tracesim.answers.point_lists import Order
from tracesim.answers.reading import THOUSANDTHS, Convention, Scale, read
from tracesim.errors import ConfigurationError
from tracesim.geometry.camera import IMAGE_SCALE
from tracesim.geometry.rigid import FloatArray
from tracesim.models.answer_file import ERROR, ID, Entry, read_entries
from tracesim.refspatial import official
from tracesim.refspatial.dataset import SPLITS, Mask, Sample, Split, SplitName
from tracesim.statistics import clopper_pearson

Mode = Literal["official", "mended"]
"""Whether to score as published, or with the scorer's faults corrected."""

QUERY_FAILED: Final = "Failed: Query Error"
"""Text that the published client of hosted models writes instead of an answer after a failed query."""

CONVENTIONS: Final[tuple[tuple[tuple[str, ...], Convention], ...]] = (
    (("Gemini",), Convention("thousandths", "yx")),
    (("RoboTracer", "RoboBrain2.5", "RoboBrain-2.5", "Qwen3"), THOUSANDTHS),
    (("RoboBrain", "Qwen"), Convention("pixels")),
)
"""Parts of model names, and how these models write points; the first entry with a part in the name counts."""

ASKED_FOR: Final = Convention("fractions")
"""Convention that the benchmark's suffix asks for; used for prompts with the suffix and for unknown models."""

_ROUNDING_PX: Final = 1e-6


@dataclass(frozen=True)
class Scored:
    """Score of one answer."""

    split: SplitName
    """Split of the question."""

    id: int | str
    """Id of the question."""

    step: int | None
    """Number of reasoning steps, if known."""

    score: float | None
    """Share of points on the mask, from 0 to 1; None if the published scorer leaves the answer out."""

    reason: str | None = None
    """Why the answer is left out, or scores 0 because no point could be placed on the image.

    "left_out", "failed_query", "missing", or one of `tracesim.answers.reading.REASONS`.
    """


@dataclass(frozen=True)
class Mean:
    """Mean score with its 95 % interval.

    The interval is the exact one of a share of successes, see `tracesim.statistics.clopper_pearson`. Scores between 0
    and 1 never vary more than zeros and ones with the same mean.
    """

    n: int
    """Number of answers."""

    mean: float | None
    """Mean score, or None without answers."""

    low: float | None
    """Lower end of the interval."""

    high: float | None
    """Upper end of the interval."""

    @classmethod
    def of(cls, scores: Sequence[float]) -> Mean:
        """Return the mean of scores between 0 and 1."""
        n = len(scores)
        if n == 0:
            return cls(0, None, None, None)
        return cls(n, float(np.mean(scores)), *clopper_pearson(float(np.sum(scores)), n))


@dataclass(frozen=True)
class Result:
    """Scores of the answers of one model."""

    mode: Mode
    """Scorer that was used."""

    model: str
    """Name of the model."""

    read_as: str
    """How the answers were read: a parser or conventions."""

    answers: tuple[Scored, ...]
    """Scores: one for each question in mode mended, one for each line in mode official."""

    @property
    def splits(self) -> list[SplitName]:
        """Splits that were scored, in published order."""
        scored = {one.split for one in self.answers}
        return [name for name in SPLITS if name in scored]

    @property
    def steps(self) -> list[int]:
        """Numbers of reasoning steps that occur, in increasing order."""
        return sorted({one.step for one in self.answers if one.step is not None})

    def mean(self, split: SplitName | None = None, step: int | None = None) -> Mean:
        """Return the mean score, optionally of a single split or a single number of reasoning steps."""
        return Mean.of([one.score for one in self.of(split, step) if one.score is not None])

    def of(self, split: SplitName | None = None, step: int | None = None) -> list[Scored]:
        """Return the scores, optionally of a single split or a single number of reasoning steps."""
        return [one for one in self.answers if split in (None, one.split) and step in (None, one.step)]

    def reasons(self, split: SplitName | None = None) -> dict[str, int]:
        """Return the number of answers for each reason, the most frequent first."""
        return dict(Counter(one.reason for one in self.of(split) if one.reason is not None).most_common())

    def as_json(self) -> dict[str, Any]:
        """Return the result as plain JSON values."""

        def numbers(split: SplitName | None) -> dict[str, Any]:
            return {
                "total": len(self.of(split)),
                **asdict(self.mean(split)),
                "reasons": self.reasons(split),
                "steps": {str(step): asdict(self.mean(split, step)) for step in self.steps},
            }

        return {
            "benchmark": "RefSpatial-Bench",
            "tracesim": __version__,
            "mode": self.mode,
            "model": self.model,
            "read_as": self.read_as,
            "splits": {name: numbers(name) for name in self.splits},
            "all": numbers(None),
            "answers": [asdict(one) for one in self.answers],
        }


def answer_files(path: Path) -> dict[SplitName, Path]:
    """Return the answer files at a path, by split.

    Args:
        path: Folder of files such as `Location.jsonl`, or one such file.

    Raises:
        ConfigurationError: There is none.
    """
    files = {name: path / f"{name}.jsonl" for name in SPLITS} if path.is_dir() else _by_stem(path)
    found = {name: file for name, file in files.items() if file.is_file()}
    if not found:
        valid = ", ".join(f"{name}.jsonl" for name in SPLITS)
        raise ConfigurationError(f"answers={path}: not an answer file. Valid: one of {valid}, or a folder of them.")
    return found


def model_of(entries: Iterable[Entry], path: Path) -> str:
    """Return the name of the model that gave the answers: their `model_id`, or else the name of the folder.

    Args:
        entries: Entries of the answer file.
        path: The answer file.

    Raises:
        ConfigurationError: The answers are of several models.
    """
    names = list(dict.fromkeys(str(entry["model_id"]) for entry in entries if entry.get("model_id")))
    if len(names) > 1:
        raise ConfigurationError(f"{path}: answers of several models: {', '.join(names)}.")
    return names[0] if names else path.resolve().parent.name


def score(
    files: Mapping[SplitName, Path],
    splits: Mapping[SplitName, Split],
    mode: Mode,
    model: str = "",
    scale: Scale | None = None,
    order: Order | None = None,
) -> Result:
    """Return the score of answer files.

    Args:
        files: Answer files by split.
        splits: Splits of the dataset.
        mode: Scorer to use.
        model: Name of the model, which determines how answers are read; from the files by default.
        scale: Scale of points in mode mended; by default as the prompt asked (`ASKED_FOR`) or as the model writes
            (`CONVENTIONS`).
        order: Order of column and row in mode mended; by default the same.

    Raises:
        ConfigurationError: A file is faulty, or has answers to questions that are not in the dataset.
    """
    entries = {name: read_entries(path) for name, path in files.items()}
    for name, path in files.items():
        if name not in splits:
            raise ConfigurationError(f"{path}: the dataset has no split {name}; it has {', '.join(splits)}.")
        if not entries[name]:
            raise ConfigurationError(f"{path}: holds no answers.")
    model = model or model_of((entry for of in entries.values() for entry in of), next(iter(files.values())))
    scored: list[Scored] = []
    if mode == "official":
        parser = official.parser_of(model)
        for name, path in files.items():
            scored += [_score_published(splits[name], path, entry, parser) for entry in entries[name]]
        return Result(mode, model, parser.__name__.replace("_", " "), tuple(scored))
    conventions: Counter[Convention] = Counter()
    for name, path in files.items():
        last = {str(entry[ID]): entry for entry in entries[name]}
        _check_known(last, splits[name], path)
        for sample in splits[name].samples:
            answer = last.get(str(sample.id), {})
            convention = _convention(answer, sample, model, scale, order)
            conventions[convention] += bool(answer)
            scored.append(_score_mended(splits[name], sample, answer, convention))
    return Result(mode, model, " and ".join(f"{one.scale} {one.order}" for one in +conventions), tuple(scored))


def share_inside(text: str, mask: Mask, convention: Convention) -> tuple[float, str | None]:
    """Return the share of an answer's points that lie on a mask, and why none could be placed on the image, if so.

    Points outside the image and coordinates that are not finite count as beside the mask; if all points are outside,
    the reason is "out_of_image". A point belongs to the pixel that contains it; the right and lower edges belong to the
    image. Besides lists, a single point without brackets is read, and tags: in pixels if the convention is in pixels
    (Qwen2.5-VL), else in percent (Molmo).

    Args:
        text: Raw text of the answer.
        mask: (H, W), true where a point scores.
        convention: Meaning of the coordinates.
    """
    height, width = mask.shape
    points, reason = _points(text, convention, width, height)
    if points is None:
        return 0.0, reason
    u, v = points[:, :2].T
    inside = (u >= 0.0) & (u <= IMAGE_SCALE) & (v >= 0.0) & (v <= IMAGE_SCALE)
    columns = np.floor(u[inside] / IMAGE_SCALE * width + _ROUNDING_PX).astype(int).clip(max=width - 1)
    rows = np.floor(v[inside] / IMAGE_SCALE * height + _ROUNDING_PX).astype(int).clip(max=height - 1)
    return float(mask[rows, columns].sum()) / len(u), None if inside.any() else "out_of_image"


def _points(text: str, convention: Convention, width: int, height: int) -> tuple[FloatArray | None, str | None]:
    """Return the points of an answer in thousandths, or the reason why there are none."""
    answer = read(text, convention, size=(width, height))
    if answer.points is None and text.strip().startswith(("(", "[")):
        bare = read(f"[{text.strip()}]", convention, size=(width, height))
        answer = answer if bare.points is None else bare
    if answer.reason == "unread_form":
        tags = Convention("pixels" if convention.scale == "pixels" else "percent", convention.order)
        tagged = read(text, tags, "tags", size=(width, height))
        answer = answer if tagged.points is None else tagged
    return answer.points, answer.reason


def _by_stem(path: Path) -> dict[SplitName, Path]:
    return {name: path for name in SPLITS if path.stem == name}


def _score_published(split: Split, path: Path, entry: Entry, parser: official.Parser) -> Scored:
    mask_path = entry.get("mask_path")
    if not isinstance(mask_path, str):
        raise ConfigurationError(f"{path}: question {entry[ID]}: mask_path is missing or not a string.")
    step = entry.get("step")
    try:
        found = official.score(entry.get("text"), split.mask(mask_path), parser)
    except official.EndsError as error:
        raise ConfigurationError(f"{path}: question {entry[ID]}: {error}. Use mode=mended.") from None
    reason = "left_out" if found is None else None
    return Scored(split.name, entry[ID], step if isinstance(step, int) else None, found, reason)


def _score_mended(split: Split, sample: Sample, entry: Entry, convention: Convention) -> Scored:
    def scored(score: float, reason: str | None) -> Scored:
        return Scored(split.name, sample.id, sample.step, score, reason)

    if not entry:
        return scored(0.0, "missing")
    text = entry.get("text")
    if entry.get(ERROR) or text is None or text == QUERY_FAILED:
        return scored(0.0, "failed_query")
    return scored(*share_inside(str(text), split.upright_mask(sample), convention))


def _convention(entry: Entry, sample: Sample, model: str, scale: Scale | None, order: Order | None) -> Convention:
    usual = next((of for parts, of in CONVENTIONS if any(part.lower() in model.lower() for part in parts)), ASKED_FOR)
    asked = ASKED_FOR if sample.suffix.strip() and sample.suffix.strip() in str(entry.get("instruction")) else usual
    return Convention(scale or asked.scale, order or asked.order)


def _check_known(entries: Mapping[str, Entry], split: Split, path: Path) -> None:
    unknown = entries.keys() - {str(sample.id) for sample in split.samples}
    if unknown:
        raise ConfigurationError(f"{path}: answers question {min(unknown)}, which {split.name} does not have.")
