"""How well answers point: the mean share of answered points on the mask, as published and mended."""

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

Mode = Literal["official", "mended"]

QUERY_FAILED: Final = "Failed: Query Error"
"""What the published client of hosted models writes for an answer where there is none."""

CONVENTIONS: Final[tuple[tuple[tuple[str, ...], Convention], ...]] = (
    (("Gemini",), Convention("thousandths", "yx")),
    (("RoboTracer", "RoboBrain2.5", "RoboBrain-2.5", "Qwen3"), THOUSANDTHS),
    (("RoboBrain", "Qwen"), Convention("pixels")),
)
"""Parts of a model's name, the first that occurs in it deciding, and how that model writes points."""

ASKED_FOR: Final = Convention("fractions")
"""What the benchmark's own suffix asks for: the convention of answers to prompts that hold it, and of other models."""

_Z: Final = 1.959963984540054
_ROUNDING_PX: Final = 1e-6


@dataclass(frozen=True)
class Scored:
    """One answer: its score between 0 and 1, or None where the published scorer leaves it out.

    reason: why it is left out, or why it scores 0 without a point to be seen on the mask: "left_out", "failed_query",
    "missing", or one of `tracesim.answers.reading.REASONS`.
    """

    split: SplitName
    id: int | str
    step: int | None
    score: float | None
    reason: str | None = None


@dataclass(frozen=True)
class Mean:
    """The mean score of `n` answers, and a 95 % interval of it; without numbers when n is 0.

    Wilson's score interval (1927), for a mean of scores in [0, 1] as for a share of successes: no such scores vary more
    than zeros and ones of the same mean, so that it covers at least as often, and it does so near 0 and 1 too.
    """

    n: int
    mean: float | None
    low: float | None
    high: float | None

    @classmethod
    def of(cls, scores: Sequence[float]) -> Mean:
        """Return the mean of scores in [0, 1]."""
        n = len(scores)
        if n == 0:
            return cls(0, None, None, None)
        mean = float(np.mean(scores))
        center = (mean + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
        half = _Z / (1 + _Z**2 / n) * float(np.sqrt(mean * (1 - mean) / n + _Z**2 / (4 * n**2)))
        return cls(n, mean, max(0.0, center - half), min(1.0, center + half))


@dataclass(frozen=True)
class Result:
    """What the answers of one model to some splits say together.

    read_as: how they were read. answers: one of each question in `mended` mode, one of each line in `official`.
    """

    mode: Mode
    model: str
    read_as: str
    answers: tuple[Scored, ...]

    @property
    def splits(self) -> list[SplitName]:
        """The splits that were scored, in published order."""
        there = {one.split for one in self.answers}
        return [name for name in SPLITS if name in there]

    @property
    def steps(self) -> list[int]:
        """The numbers of reasoning steps that occur, in order."""
        return sorted({one.step for one in self.answers if one.step is not None})

    def mean(self, split: SplitName | None = None, step: int | None = None) -> Mean:
        """Return the mean of one split or all, and of one number of steps or all."""
        return Mean.of([one.score for one in self.of(split, step) if one.score is not None])

    def of(self, split: SplitName | None = None, step: int | None = None) -> list[Scored]:
        """Return the answers of one split or all, and of one number of steps or all."""
        return [one for one in self.answers if split in (None, one.split) and step in (None, one.step)]

    def reasons(self, split: SplitName | None = None) -> dict[str, int]:
        """Return how often answers do not count, or could not be read, by reason."""
        return dict(Counter(one.reason for one in self.of(split) if one.reason is not None).most_common())

    def as_json(self) -> dict[str, Any]:
        """Return the same numbers as plain JSON values."""

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
    """Return the files of answers at a path, by split: a folder of `Location.jsonl` and so on, or one such file.

    Raises:
        ConfigurationError: there is none.
    """
    files = {name: path / f"{name}.jsonl" for name in SPLITS} if path.is_dir() else _by_stem(path)
    found = {name: file for name, file in files.items() if file.is_file()}
    if not found:
        valid = ", ".join(f"{name}.jsonl" for name in SPLITS)
        raise ConfigurationError(f"answers={path}: no file of answers. Valid: one of {valid}, or a folder of them.")
    return found


def model_of(entries: Iterable[Entry], path: Path) -> str:
    """Return the name of the model that gave the answers: their `model_id`, or else the name of their folder.

    Raises:
        ConfigurationError: several models did.
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
    """Return the score of files of answers by split.

    model: the name by which answers are read, as their files say by default. scale, order: how the mended mode is to
    read points; by default as the prompt asked for (`ASKED_FOR`), or else as the model writes (`CONVENTIONS`).

    Raises:
        ConfigurationError: a file is faulty, or answers something else than the dataset's questions.
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
            scored += [_published(splits[name], path, entry, parser) for entry in entries[name]]
        return Result(mode, model, parser.__name__.replace("_", " "), tuple(scored))
    conventions: Counter[Convention] = Counter()
    for name, path in files.items():
        last = {str(entry[ID]): entry for entry in entries[name]}
        _check_known(last, splits[name], path)
        for sample in splits[name].samples:
            answer = last.get(str(sample.id), {})
            convention = _convention(answer, sample, model, scale, order)
            conventions[convention] += bool(answer)
            scored.append(_mended(splits[name], sample, answer, convention))
    return Result(mode, model, " and ".join(f"{one.scale} {one.order}" for one in +conventions), tuple(scored))


def share_inside(text: str, mask: Mask, convention: Convention) -> tuple[float, str | None]:
    """Return the share of an answer's points that lie on a mask; or 0, and the reason why none can be seen on it.

    Points outside the image, and coordinates that are no finite numbers, count as beside the mask; where all are, the
    reason is "out_of_image". A point lies in the pixel that contains it; the image's right and lower edges belong to
    it. Beside lists, a bare point is read, and tags: in pixels where the convention counts pixels (Qwen2.5-VL), else in
    percent (Molmo).
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
    """Return what an answer points at, in thousandths, or the reason why that cannot be read."""
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


def _published(split: Split, path: Path, entry: Entry, parser: official.Parser) -> Scored:
    mask_path = entry.get("mask_path")
    if not isinstance(mask_path, str):
        raise ConfigurationError(f"{path}: question {entry[ID]}: mask_path is no text.")
    step = entry.get("step")
    try:
        found = official.score(entry.get("text"), split.mask(mask_path), parser)
    except official.EndsError as error:
        raise ConfigurationError(f"{path}: question {entry[ID]}: {error}: mode=mended scores it.") from None
    reason = "left_out" if found is None else None
    return Scored(split.name, entry[ID], step if isinstance(step, int) else None, found, reason)


def _mended(split: Split, sample: Sample, entry: Entry, convention: Convention) -> Scored:
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
        raise ConfigurationError(f"{path}: answers question {min(unknown)}, which the dataset's {split.name} lacks.")
