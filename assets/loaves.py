"""Loaves: long rounded bodies along a horizontal path, such as buns, rolls and sausages."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from tracesim.assets.lofts import loft
from tracesim.assets.paths import follow, outline
from tracesim.assets.shapes import Mesh
from tracesim.geometry.rigid import FloatArray


def dome(belly: float, foot: float, square: float = 1.0, count: int = 20) -> FloatArray:
    """Return a cross-section of a loaf, (count, 2), counter-clockwise from the right: across in [-1, 1], up in [0, 1].

    Args:
        belly: Height at which it is widest.
        foot: Half width of the flat underside; 0 with a belly of 0.5 makes an ellipse.
        square: Shape above the belly: 1 is round, less is squarer.
        count: Number of vertices.
    """
    above = np.linspace(0.0, np.pi, count // 2 + 1)
    below = np.linspace(0.0, np.pi / 2.0, (count - count // 2 - 1) // 2 + 2)[1:]
    upper = np.stack(
        [np.sign(np.cos(above)) * np.abs(np.cos(above)) ** square, belly + (1.0 - belly) * np.sin(above) ** square], 1
    )
    left = np.stack([-foot - (1.0 - foot) * np.cos(below), belly * (1.0 - np.sin(below))], 1)
    right = left[::-1] * (-1.0, 1.0)
    return np.concatenate([upper, left, right[1 if foot == 0.0 else 0 : -1]])


@dataclass(frozen=True)
class Loaf:
    """A body with cross-sections perpendicular to a horizontal path."""

    path: FloatArray
    """Middle of the underside, (N, 3), metres, finely sampled."""
    half_widths: FloatArray
    """Half width at each point of the path, (N,), metres, positive."""
    heights: FloatArray
    """Height at each point of the path, (N,), metres, positive."""
    section: FloatArray
    """Cross-section, (K, 2), as `dome` returns it."""

    def mesh(self, rows: int) -> Mesh:
        """Return the surface with `rows` cross-sections.

        The texture's u runs around the loaf from the middle of the underside, over the right side and the top; v runs
        along the path.
        """
        chosen = outline(self._measures, rows)
        mesh = loft(self._sections(self._measures[chosen], _tangents(self.path)[chosen], self.section), np.pi / 3.0)
        corners, levels = np.round(mesh.uvs * (len(self.section), rows - 1)).astype(int).T
        way = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(self.path, axis=0), axis=1))])
        return replace(mesh, uvs=np.stack([_around(self.section)[corners], way[chosen[levels]] / way[-1]], 1))

    def pieces(self, links: int, corners: int = 12) -> list[FloatArray]:
        """Return the collision hulls: `links` prisms between cross-sections of about `corners` vertices."""
        # From one end of the flat underside over the top to the other.
        foot = int(np.lexsort((-self.section[:, 0], self.section[:, 1]))[0])
        over = np.roll(self.section, -foot, axis=0)
        if over[-1, 1] > 0.0:
            over = np.concatenate([over, over[:1]])
        section = follow(over, outline(over, corners))
        section[[0, -1], 1] = 0.0
        joints = outline(self._measures, links + 1)
        measures = follow(self._measures, joints)
        measures[self._measures[joints, 2] == 0.0, 2] = 0.0
        measures[:, 3:] = np.maximum(measures[:, 3:], 0.6 * self._measures[joints, 3:])
        sections = self._sections(measures, _tangents(self.path)[joints], section)
        return [np.stack(pair) for pair in itertools.pairwise(sections)]

    @property
    def _measures(self) -> FloatArray:
        """Path, half width and height, (N, 5), metres."""
        return np.column_stack([self.path, self.half_widths, self.heights])

    @staticmethod
    def _sections(measures: FloatArray, ahead: FloatArray, section: FloatArray) -> FloatArray:
        """Return cross-sections in 3D, (L, K, 3).

        Args:
            measures: Path, half width and height of each, (L, 5), metres.
            ahead: Horizontal tangents of the path, (L, 3).
            section: Cross-section, (K, 2).
        """
        right = np.stack([ahead[:, 1], -ahead[:, 0], np.zeros(len(ahead))], 1)
        return np.asarray(
            measures[:, None, :3]
            + right[:, None] * (measures[:, 3, None] * section[:, 0])[..., None]
            + np.array([0.0, 0.0, 1.0]) * (measures[:, 4, None] * section[:, 1])[..., None]
        )


def swell(count: int, end: float, power: float = 2.5) -> FloatArray:
    """Return shares (count,) that rise from `end` to 1 in the middle and fall again, bluntly for a high `power`."""
    along = np.linspace(-1.0, 1.0, count)
    return np.asarray(np.maximum((1.0 - np.abs(along) ** power), 0.0) ** (1.0 / power) * (1.0 - end) + end)


def straight(length_m: float, count: int = 49) -> FloatArray:
    """Return a path (count, 3) along x, centred at the origin, denser at the ends, where a loaf is round."""
    turn = np.linspace(-np.pi / 2.0, np.pi / 2.0, count)
    return np.stack([np.sin(turn) * length_m / 2.0, np.zeros(count), np.zeros(count)], 1)


def _tangents(path: npt.ArrayLike) -> FloatArray:
    """Return the horizontal unit tangents (N, 3) of a path."""
    legs = np.gradient(np.asarray(path, float), axis=0) * (1.0, 1.0, 0.0)
    return np.asarray(legs / np.linalg.norm(legs, axis=1, keepdims=True))


def _around(section: FloatArray) -> FloatArray:
    """Return the position of each vertex around a section: 0 and 1 at the middle of its underside, 0.5 at its top."""
    top = int(section[:, 1].argmax())
    legs = np.linalg.norm(np.diff(np.concatenate([section, section[:1]]), axis=0), axis=1)
    way = np.concatenate([[0.0], np.cumsum(legs)])
    share = (way[:-1] - way[top]) / way[-1]
    return np.asarray(0.5 + (share + 0.5) % 1.0 - 0.5)
