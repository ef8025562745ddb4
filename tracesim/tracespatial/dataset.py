"""Dataset of TraceSpatial-Bench: samples with their images.

Layout and field names are the published ones (RoboTracer's public repository at commit 11f09e1 and the dataset's card):
`trajectory_dataset.json` is a list of records whose images are under `raw_data/`. The Parquet files of the same dataset
are read as well, see `tracesim.tracespatial.parquet`.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from PIL import Image, UnidentifiedImageError

from tracesim.errors import ConfigurationError
from tracesim.files.text_files import read_text
from tracesim.files.whole_file import write_text
from tracesim.geometry.orientation import Orientation
from tracesim.geometry.rigid import FloatArray
from tracesim.tracespatial.parquet import ParquetFiles, is_parquet, parquet_files
from tracesim.tracespatial.record_fields import RecordFields

RECORDS_FILE: Final = "trajectory_dataset.json"
PICTURES_FOLDER: Final = "raw_data"
DESTINATION: Final = "destination|direction"
MILLIMETRES: Final = 1000.0

Size = tuple[int, int]
"""Width and height, pixels."""

SIZES: Final[tuple[Size, ...]] = ((640, 480), (512, 384), (384, 512))
"""Sizes of the published images."""


@dataclass(frozen=True)
class Sample:
    """Task in one still image, with its true trace and the box in which the object has to end."""

    id: int | str
    """Running number, as published."""

    image_path: str
    """Colour image, relative to the dataset's `raw_data`, such as "7/image.png"."""

    gt_depth_path: str
    """Depth image, relative to `raw_data`."""

    mask_path: str
    """Mask of the object, relative to `raw_data`."""

    intrinsics: FloatArray
    """(3, 3), camera intrinsics, pixels."""

    prompt: str
    """Instruction."""

    target_object: str
    """Description of the object that moves."""

    destination: str
    """Description of the destination or direction."""

    trajectory: FloatArray
    """(N, 3), true trace, metres, camera (x right, y down, z forward)."""

    bbox_center: FloatArray
    """(3,), centre of the end box, metres, camera."""

    bbox_extent: FloatArray
    """(3,), full side lengths of the end box, metres."""

    bbox_rotation: FloatArray
    """(3, 3), rotation of the end box in the camera frame."""

    @classmethod
    def of(cls, record: Mapping[str, Any], where: str = "record") -> Sample:
        """Return the sample described by a published record.

        Args:
            record: Fields by their published names.
            where: Beginning of error messages, such as file and line.

        Raises:
            ConfigurationError: A field is missing or invalid.
        """
        fields = RecordFields(record, where)
        intrinsics = fields.array("gt_depth_intrinsics", (3, 3), (4, 4))
        trajectory = fields.array("trajectory", (None, 3))
        if intrinsics[0, 0] <= 0.0 or intrinsics[1, 1] <= 0.0:
            raise fields.fault("gt_depth_intrinsics", "holds a focal length that is not above 0")
        rotation = fields.array("bbox_rotation", (3, 3))
        if not np.allclose(rotation @ rotation.T, np.eye(3), atol=1e-3):
            raise fields.fault("bbox_rotation", "is not a rotation")
        return cls(
            id=fields.identifier("id" if "id" in record else "question_id"),
            image_path=fields.text("image_path"),
            gt_depth_path=fields.text("gt_depth_path"),
            mask_path=fields.text("mask_path"),
            intrinsics=intrinsics[:3, :3],
            prompt=fields.text("prompt"),
            target_object=fields.text("target_object"),
            destination=fields.text(DESTINATION),
            trajectory=trajectory,
            bbox_center=fields.array("bbox_center", (3,)),
            bbox_extent=fields.array("bbox_extent", (3,)),
            bbox_rotation=rotation,
        )

    def as_json(self) -> dict[str, Any]:
        """Return the published record: plain JSON values with the published names, in the published order."""
        return {
            "id": self.id,
            "image_path": self.image_path,
            "gt_depth_path": self.gt_depth_path,
            "mask_path": self.mask_path,
            "gt_depth_intrinsics": self.intrinsics.tolist(),
            "prompt": self.prompt,
            "target_object": self.target_object,
            DESTINATION: self.destination,
            "trajectory": self.trajectory.tolist(),
            "bbox_center": self.bbox_center.tolist(),
            "bbox_extent": self.bbox_extent.tolist(),
            "bbox_rotation": self.bbox_rotation.tolist(),
        }

    def turned(self, turn: Orientation, size: Size) -> Sample:
        """Return the sample for rotated or mirrored images, with its geometry in the frame of the rotated camera.

        Args:
            turn: How the images are turned.
            size: Width and height of the images before they are turned, pixels.
        """
        camera = turn.camera
        # A mirrored box is a box with one axis reversed; its side lengths are unchanged.
        rotation = camera @ self.bbox_rotation @ np.diag((1.0, 1.0, np.linalg.det(camera)))
        return replace(
            self,
            intrinsics=turn.intrinsics(self.intrinsics, size),
            trajectory=self.trajectory @ camera.T,
            bbox_center=camera @ self.bbox_center,
            bbox_rotation=rotation,
        )

    @property
    def nominal_size(self) -> Size:
        """Image size to assume without the image: the published size nearest to twice the principal point."""
        twice = 2.0 * self.intrinsics[:2, 2]
        return min(SIZES, key=lambda size: float(np.linalg.norm(np.array(size) - twice)))


@dataclass(frozen=True)
class Dataset:
    """Dataset in a folder or in Parquet files; images are read when they are needed.

    Raises:
        ConfigurationError: The folder does not exist.
    """

    folder: Path
    """Folder with `trajectory_dataset.json` and `raw_data`, folder with Parquet files, or a single Parquet file."""

    def __post_init__(self) -> None:
        """Check that the folder exists."""
        if not self.folder.is_dir() and not is_parquet(self.folder):
            raise ConfigurationError(f"{self.folder}: there is no such folder.")

    def samples(self) -> list[Sample]:
        """Return the samples in the order of the file.

        Raises:
            ConfigurationError: The file is missing or not a list of records, or a record is faulty.
        """
        path, records = self._records()
        samples = [Sample.of(record, f"{path}: record {index}") for index, record in enumerate(records)]
        seen: set[int | str] = set()
        for sample in samples:
            if sample.id in seen:
                raise ConfigurationError(f"{path}: the id {sample.id!r} occurs twice.")
            seen.add(sample.id)
        return samples

    def _records(self) -> tuple[Path, list[Any]]:
        """Return the file that describes the samples, and their records."""
        if self._parquet is not None:
            return self.folder, self._parquet.records()
        path = self.folder / RECORDS_FILE
        try:
            records = json.loads(read_text(path))
        except json.JSONDecodeError as error:
            raise ConfigurationError(f"{path}:{error.lineno}: not JSON: {error.msg}.") from None
        if not isinstance(records, list):
            raise ConfigurationError(f"{path}: must contain a list of records, contains {type(records).__name__}.")
        return path, records

    @cached_property
    def _parquet(self) -> ParquetFiles | None:
        """The Parquet files; None for a folder in the other form."""
        if (self.folder / RECORDS_FILE).exists():
            return None
        files = parquet_files(self.folder)
        return ParquetFiles(files) if files else None

    def write(self, samples: Iterable[Sample]) -> None:
        """Write the list of samples atomically; their images have to be at the paths that `picture` returns.

        Raises:
            OSError: The file cannot be written.
        """
        text = json.dumps([sample.as_json() for sample in samples], indent=2, ensure_ascii=False, allow_nan=False)
        write_text(text + "\n", self.folder / RECORDS_FILE)

    def picture(self, relative: str) -> Path:
        """Return the path of an image that a record names, in the form of a folder."""
        return self.folder / PICTURES_FOLDER / relative

    def _image(self, relative: str) -> _ImageFile:
        """Return an image that a record names."""
        if self._parquet is None:
            path = self.picture(relative)
            return _ImageFile(str(path), path)
        return _ImageFile(f"{self.folder}: {relative}", io.BytesIO(self._parquet.picture(relative)))

    def image_size(self, sample: Sample) -> Size:
        """Return the width and height, pixels, of a sample's image as it is displayed."""
        with self._image(sample.image_path).open() as image:
            return Orientation.of(image).size(image.size)

    def rgb(self, sample: Sample) -> npt.NDArray[np.uint8]:
        """Return a sample's image (H, W, 3), sRGB, rotated as its EXIF data says."""
        return self._image(sample.image_path).pixels("RGB")

    def depth_m(self, sample: Sample) -> FloatArray:
        """Return a sample's depth (H, W), metres, camera z, 0 where nothing was measured, in the orientation of `rgb`.

        A depth image in the orientation of the image file is rotated along with the image.

        Raises:
            ConfigurationError: The image is missing or not a depth image.
        """
        image = self._image(sample.gt_depth_path)
        stored = image.pixels()
        if stored.ndim != 2 or stored.dtype.kind not in "ui":
            raise ConfigurationError(f"{image.name}: depth must be one channel of whole millimetres (16-bit PNG).")
        return self._turn(sample, stored).turned(stored) / MILLIMETRES

    def mask(self, sample: Sample) -> npt.NDArray[np.uint8]:
        """Return the mask (H, W) of the object that moves, above 0 on it, in the orientation of `rgb`."""
        stored = self._image(sample.mask_path).pixels()
        return self._turn(sample, stored).turned(stored if stored.ndim == 2 else stored[:, :, 0]).astype(np.uint8)

    def upright(self, sample: Sample) -> Sample:
        """Return a sample with its geometry in the camera frame of `rgb` and `depth_m`.

        Intrinsics, trajectory and box belong to the camera of the depth image, and are rotated along with that image.
        """
        shown, _ = self._stored_orientation(sample)
        if not shown.swaps_sides:
            return sample
        depth = self._image(sample.gt_depth_path).pixels()
        return sample.turned(self._turn(sample, depth), (depth.shape[1], depth.shape[0]))

    def _stored_orientation(self, sample: Sample) -> tuple[Orientation, Size]:
        """Return the orientation of a sample's image, and its size as stored; no rotation if there is no image."""
        try:
            with Image.open(self._image(sample.image_path).source) as image:
                return Orientation.of(image), image.size
        except OSError:
            return Orientation(), (0, 0)

    def _turn(self, sample: Sample, beside: npt.NDArray[Any]) -> Orientation:
        """Return how pixels (H, W, ...) of another image of a sample have to be rotated."""
        shown, size = self._stored_orientation(sample)
        return shown.for_beside(size, (beside.shape[1], beside.shape[0]))


@dataclass(frozen=True)
class _ImageFile:
    """An image of a dataset."""

    name: str
    """Name in messages."""

    source: Path | io.BytesIO
    """Its file or content."""

    def open(self) -> Image.Image:
        """Open the image."""
        try:
            return Image.open(self.source)
        except UnidentifiedImageError:
            raise ConfigurationError(f"{self.name}: is not an image.") from None
        except OSError as error:
            raise ConfigurationError(f"{self.name}: cannot be read ({error.strerror}).") from None

    def pixels(self, mode: str | None = None) -> npt.NDArray[Any]:
        """Return the pixels in a mode, or in the image's own mode, rotated as its EXIF data says."""
        with self.open() as image:
            try:
                return Orientation.of(image).turned(np.asarray(image if mode is None else image.convert(mode)))
            except (OSError, SyntaxError) as error:
                raise ConfigurationError(f"{self.name}: cannot be read ({error}).") from None
