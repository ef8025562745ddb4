"""RefSpatial-Bench's files: its splits, their questions, pictures and masks.

Layout and field names are the published ones (RoboRefer's public repository at commit d97a995 and the dataset's card):
each of the folders `Location`, `Placement` and `Unseen` holds `question.json`, a list of records, and the pictures and
masks that the records name.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final, Literal, get_args

import numpy as np
import numpy.typing as npt
from PIL import Image, UnidentifiedImageError
from pydantic import ConfigDict, TypeAdapter, ValidationError

from tracesim.errors import ConfigurationError, Fault
from tracesim.files.text_files import read_text
from tracesim.geometry.orientation import Orientation

SplitName = Literal["Location", "Placement", "Unseen"]
SPLITS: Final[tuple[SplitName, ...]] = get_args(SplitName)
QUESTIONS_FILE: Final = "question.json"

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Sample:
    """One published record: what is to be pointed at in one still picture.

    id: a running number within its split. object: what is referred to, in words. prompt: the instruction; suffix: the
    form of the answer that is asked for. rgb_path, mask_path: relative to the split's folder, such as "image/7.png".
    step: how many reasoning steps the reference takes.
    """

    __pydantic_config__ = ConfigDict(strict=True)

    id: int | str
    object: str
    prompt: str
    suffix: str
    rgb_path: str
    mask_path: str
    category: str
    step: int


@dataclass(frozen=True)
class Split:
    """One of the dataset's three folders; records are read once, pictures when asked for."""

    name: SplitName
    folder: Path

    @cached_property
    def samples(self) -> list[Sample]:
        """The records in the order of the file.

        Raises:
            ConfigurationError: the file is missing or not JSON, a record is faulty, or an id is given twice.
        """
        path = self.folder / QUESTIONS_FILE
        try:
            samples = _RECORDS.validate_json(read_text(path))
        except ValidationError as error:
            raise ConfigurationError(f"{path}: {_said(Fault.first(error))}.") from None
        seen: set[str] = set()
        for sample in samples:
            if str(sample.id) in seen:
                raise ConfigurationError(f"{path}: the id {sample.id} is given twice.")
            seen.add(str(sample.id))
        return samples

    def rgb(self, sample: Sample) -> npt.NDArray[np.uint8]:
        """Return a sample's picture (H, W, 3), turned as its EXIF data says."""
        return np.asarray(_pixels(self.folder / sample.rgb_path, "RGB"), np.uint8)

    def upright_mask(self, sample: Sample) -> Mask:
        """Return a sample's mask as its picture is shown: one that lies as the picture's file does is turned along."""
        mask = self.mask(sample.mask_path)
        try:
            with Image.open(self.folder / sample.rgb_path) as image:
                turn = Orientation.of(image).for_beside(image.size, (mask.shape[1], mask.shape[0]))
        except OSError:
            return mask  # without a picture nothing says how it is shown
        return turn.turned(mask)

    def mask(self, relative: str) -> Mask:
        """Return the mask (H, W) at a path relative to the folder: true where an answered point scores.

        Any value above 0 counts; of several channels the first. Source: `summarize_acc.py` in RoboRefer's repository.
        """
        stored = _pixels(self.folder / relative)
        return np.asarray((stored if stored.ndim == 2 else stored[:, :, 0]) > 0)


def open_splits(folder: Path) -> dict[SplitName, Split]:
    """Return the splits that lie in a dataset's folder, in published order.

    Raises:
        ConfigurationError: there is no such folder, or none of the splits is in it.
    """
    if not folder.is_dir():
        raise ConfigurationError(f"dataset={folder}: there is no such folder.")
    found = {name: Split(name, folder / name) for name in SPLITS if (folder / name / QUESTIONS_FILE).is_file()}
    if not found:
        files = ", ".join(f"{name}/{QUESTIONS_FILE}" for name in SPLITS)
        raise ConfigurationError(f"dataset={folder}: holds none of {files}: the dataset's raw folders are meant.")
    return found


_RECORDS: Final = TypeAdapter(list[Sample])


def _said(fault: Fault) -> str:
    if not fault.where:
        return fault.message
    record, *field = fault.where
    return f"record {record}, {field[0]!r}: {fault.message}" if field else f"record {record}: {fault.message}"


def _pixels(path: Path, mode: str | None = None) -> npt.NDArray[Any]:
    try:
        with Image.open(path) as image:
            return Orientation.of(image).turned(np.asarray(image if mode is None else image.convert(mode)))
    except UnidentifiedImageError:
        raise ConfigurationError(f"{path}: is not a picture.") from None
    except (OSError, SyntaxError, Image.DecompressionBombError) as error:
        said = getattr(error, "strerror", None) or error
        raise ConfigurationError(f"{path}: cannot be read ({said}).") from None
