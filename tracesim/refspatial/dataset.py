"""Dataset of RefSpatial-Bench: its splits with questions, images and masks.

Layout and field names are the published ones (RoboRefer's public repository at commit d97a995 and the dataset's card):
each of the folders `Location`, `Placement` and `Unseen` holds `question.json`, a list of records, and the images and
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
    """Question about one still image, as published."""

    __pydantic_config__ = ConfigDict(strict=True)

    id: int | str
    """Running number in its split."""

    object: str
    """Description of what to point at."""

    prompt: str
    """Instruction."""

    suffix: str
    """Form of the answer that is asked for."""

    rgb_path: str
    """Image, relative to the split's folder, such as "image/7.png"."""

    mask_path: str
    """Mask, relative to the split's folder."""

    category: str
    """Category of the question."""

    step: int
    """Number of reasoning steps that the description requires."""


@dataclass(frozen=True)
class Split:
    """One of the dataset's three splits; images are read when they are needed."""

    name: SplitName
    """Name of the split."""

    folder: Path
    """Folder of the split."""

    @cached_property
    def samples(self) -> list[Sample]:
        """Records in the order of the file.

        Raises:
            ConfigurationError: The file is missing or not JSON, a record is faulty, or an id occurs twice.
        """
        path = self.folder / QUESTIONS_FILE
        try:
            samples = _RECORDS.validate_json(read_text(path))
        except ValidationError as error:
            raise ConfigurationError(f"{path}: {_said(Fault.first(error))}.") from None
        seen: set[str] = set()
        for sample in samples:
            if str(sample.id) in seen:
                raise ConfigurationError(f"{path}: the id {sample.id} occurs twice.")
            seen.add(str(sample.id))
        return samples

    def rgb(self, sample: Sample) -> npt.NDArray[np.uint8]:
        """Return the image (H, W, 3) of a sample, rotated as its EXIF data says."""
        return np.asarray(_pixels(self.folder / sample.rgb_path, "RGB"), np.uint8)

    def upright_mask(self, sample: Sample) -> Mask:
        """Return the mask (H, W) of a sample in the orientation of `rgb`.

        A mask in the orientation of the image file is rotated along with the image.
        """
        mask = self.mask(sample.mask_path)
        try:
            with Image.open(self.folder / sample.rgb_path) as image:
                turn = Orientation.of(image).for_beside(image.size, (mask.shape[1], mask.shape[0]))
        except OSError:
            return mask  # the orientation is only known from the image
        return turn.turned(mask)

    def mask(self, relative: str) -> Mask:
        """Return the mask (H, W) at a path relative to the folder: true where a point scores.

        Values above 0 are true; if there are several channels, the first one counts. Source: `summarize_acc.py` in
        RoboRefer's repository.
        """
        stored = _pixels(self.folder / relative)
        return np.asarray((stored if stored.ndim == 2 else stored[:, :, 0]) > 0)


def open_splits(folder: Path) -> dict[SplitName, Split]:
    """Return the splits in the folder of a dataset, in published order.

    Raises:
        ConfigurationError: The folder does not exist, or has none of the splits.
    """
    if not folder.is_dir():
        raise ConfigurationError(f"dataset={folder}: there is no such folder.")
    found = {name: Split(name, folder / name) for name in SPLITS if (folder / name / QUESTIONS_FILE).is_file()}
    if not found:
        files = ", ".join(f"{name}/{QUESTIONS_FILE}" for name in SPLITS)
        raise ConfigurationError(f"dataset={folder}: holds none of {files}. Give the folder of the dataset's raw data.")
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
        raise ConfigurationError(f"{path}: is not an image.") from None
    except (OSError, SyntaxError, Image.DecompressionBombError) as error:
        why = getattr(error, "strerror", None) or error
        raise ConfigurationError(f"{path}: cannot be read ({why}).") from None
