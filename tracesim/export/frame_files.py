"""Parquet files of frames: one row a frame, one row group an episode."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy.typing as npt

from tracesim.export.video_files import numbered
from tracesim.machine.extras import optional


class FrameFiles:
    """Writes the frames of episodes; a file that has become too large is followed by another."""

    def __init__(self, folder: Path, limit_bytes: int) -> None:
        """Prepare to write.

        Args:
            folder: Folder for `chunk-000/file-000.parquet` and so on.
            limit_bytes: Size at which the next episode begins a new file.
        """
        self._folder = folder
        self._limit_bytes = limit_bytes
        self._pyarrow = optional("pyarrow", "export", "form=lerobot")
        self._parquet = optional("pyarrow.parquet", "export", "form=lerobot")
        self._finished = 0
        self._writer: Any = None

    def add(self, columns: Mapping[str, npt.NDArray[Any]]) -> tuple[int, int]:
        """Write the frames of an episode.

        Args:
            columns: Values of all frames by feature, (N,), or (N, ...) for values that are arrays.

        Returns:
            The number of the folder and of the file in it.
        """
        table = self._pyarrow.table({name: self._column(values) for name, values in columns.items()})
        chunk, file = numbered(self._finished)
        if self._writer is None:
            path = self._folder / f"chunk-{chunk:03d}" / f"file-{file:03d}.parquet"
            path.parent.mkdir(parents=True, exist_ok=True)
            self._writer, self._bytes = self._parquet.ParquetWriter(path, table.schema), 0
        self._writer.write_table(table, row_group_size=len(table))
        self._bytes += table.nbytes
        if self._bytes >= self._limit_bytes:
            self.close()
        return chunk, file

    def close(self) -> None:
        """Complete the current file, if there is one."""
        if self._writer is not None:
            writer, self._writer = self._writer, None
            writer.close()
            self._finished += 1

    def _column(self, values: npt.NDArray[Any]) -> Any:
        """Return values (N,), or (N, ...), as a column of values or of nested lists; a list of one is a value."""
        if values.ndim == 1 or values.shape[1:] == (1,):
            return self._pyarrow.array(values.reshape(-1))
        column = self._pyarrow.array(values.reshape(-1))
        for length in reversed(values.shape[1:]):
            column = self._pyarrow.FixedSizeListArray.from_arrays(column, length)
        return column
