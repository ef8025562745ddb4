"""Books that stand upright, as obstacles."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from tracesim.assets import colors, hulls, shapes
from tracesim.assets.canvas import Canvas
from tracesim.assets.colors import Color
from tracesim.assets.hidden import without_hidden
from tracesim.assets.lofts import level, loft, panel, project_texture
from tracesim.assets.panes import circle, pane
from tracesim.assets.shapes import Mesh
from tracesim.assets.variants import choose
from tracesim.geometry.rigid import FloatArray, transform
from tracesim.layout.grips import Faces
from tracesim.layout.prop import Material, Prop, Surface
from tracesim.layout.randomness import Draw

VARIANTS = {"single": "book", "set": "set of books", "dictionary": "book"}
"""The noun for each shape in an instruction; the last shape is held out."""
BOOK_COLORS = ("red", "blue", "green", "teal", "purple", "orange", "brown", "black", "yellow")
TITLES = ("ATLAS", "OCEANS", "POEMS", "STARS", "BIRDS", "MAPS", "TALES", "TREES")
BOARD_M = 0.0026
INSET_M = 0.0025
"""Distance by which the pages are inset from the cover."""
RIB_M = 0.0009
RIBS = (0.15, 0.50, 0.66, 0.82)
"""Positions of the ribs across a spine, relative to its height."""
GOLD: Color = (0.80, 0.56, 0.16)
IVORY: Color = (0.86, 0.80, 0.66)


@dataclass
class Binding:
    """Volumes that are being put together side by side."""

    width: float
    """Width of a cover, metres."""
    height: float
    """Height of a cover, metres."""
    boards: list[Mesh] = field(default_factory=list)
    """Covers so far."""
    spines: list[Mesh] = field(default_factory=list)
    """Spines so far."""
    pages: list[Mesh] = field(default_factory=list)
    """Blocks of pages so far."""
    pieces: list[FloatArray] = field(default_factory=list)
    """Collision hulls so far."""

    def bind(self, middle: float, thickness: float, bulge: float) -> None:
        """Add a volume.

        Args:
            middle: x of its middle, metres.
            thickness: Thickness along x, metres.
            bulge: Distance by which its rounded spine protrudes towards -y, metres.
        """
        hinge, fore = -self.width / 2.0 + bulge, self.width / 2.0
        board = np.array([BOARD_M, self.width - bulge, self.height])
        inner, under = fore - INSET_M, self.height - INSET_M
        rims = (
            (hinge, fore, under, self.height),
            (hinge, fore, 0.0, INSET_M),
            (inner, fore, INSET_M, under),
        )
        for side in (-1.0, 1.0):
            at = transform(np.eye(3), (middle + side * (thickness - BOARD_M) / 2.0, bulge / 2.0, 0.0))
            self.boards.append(_without(shapes.box(board, 0.0005), (-side, 0.0, 0.0)).moved(at))
            self.pieces += hulls.moved(hulls.box(board), at)
            x = middle + side * (thickness / 2.0 - BOARD_M)
            for left, right, floor, ceiling in rims:
                edge = [(x, left, floor), (x, right, floor), (x, right, ceiling), (x, left, ceiling)]
                self.boards.append(pane(edge[::-1] if side > 0.0 else edge, 0.0))
        half = thickness / 2.0
        self._back(middle, hinge, np.array([half, bulge]), 0.0, self.height)
        for low, high in ((0.0, INSET_M), (under, self.height)):
            corners = [(half, low), (-half, low), (-half, high), (half, high)]
            self.spines.append(pane([(middle + x, hinge, z) for x, z in corners], 0.0))
        block = np.array([thickness - 2.0 * BOARD_M, self.width - bulge - INSET_M, self.height - 2.0 * INSET_M])
        at = transform(np.eye(3), (middle, (bulge - INSET_M) / 2.0, INSET_M))
        self.pages.append(shapes.box(block, 0.0001).moved(at))
        self.pieces += hulls.moved(hulls.box(block), at)

    def rib(self, thickness: float, bulge: float, low: float, high: float) -> None:
        """Add a raised band across the spine of the middle volume."""
        self._back(0.0, -self.width / 2.0 + bulge, np.array([thickness / 2.0, bulge + RIB_M]), low, high)

    def _back(self, middle: float, hinge: float, radii: FloatArray, low: float, high: float) -> None:
        """Add a round spine, or a band of it."""
        turn = np.linspace(np.pi, 2.0 * np.pi, 11)
        arc = np.array([middle, hinge]) + radii * np.stack([np.cos(turn), np.sin(turn)], 1)
        sections = np.stack([level(arc, z) for z in (low, high)])
        self.spines.append(_without(loft(sections), (0.0, 1.0, 0.0)))
        self.pieces.append(sections)


def _without(mesh: Mesh, normal: tuple[float, float, float]) -> Mesh:
    """Return the mesh without the faces that point along a unit vector, because other parts touch them."""
    along = (mesh.normals @ np.array(normal))[mesh.faces].min(1) > 0.999
    return replace(mesh, faces=mesh.faces[~along])


def book(draw: Draw, *, color: str | None = None, variant: str | None = None) -> Prop:
    """Return a standing book with its cover to the front, to be gripped at its upper edge.

    Args:
        draw: Source of randomness.
        color: Colour of its cover; random if None.
        variant: "single" (one volume), "set" (three volumes as one body) or "dictionary" (a thick one with a ribbed
            spine); random if None.
    """
    shape = choose(draw, "book", VARIANTS, variant)
    favourites = ("brown", "red", "green", "black", "blue") if shape == "dictionary" else BOOK_COLORS
    name = colors.pick(draw.colors, favourites, color)
    paint = colors.named(name, draw.colors)
    width, height = draw.sizes.uniform(0.108, 0.132), draw.sizes.uniform(0.150, 0.185)
    thickness = draw.sizes.uniform(0.030, 0.036) if shape == "single" else draw.sizes.uniform(0.037, 0.042)
    title = TITLES[int(draw.colors.integers(len(TITLES)))]
    accent = GOLD if shape == "dictionary" else _accent(draw.colors, name)
    bulge = {"single": 0.003, "set": 0.002, "dictionary": 0.006}[shape]
    volumes = 3 if shape == "set" else 1
    binding = _bound(width, height, thickness, bulge, volumes)
    if shape == "dictionary":
        for place in RIBS:
            binding.rib(thickness, bulge, (place - 0.012) * height, (place + 0.012) * height)
    back = _spine(shape, title, height, thickness, volumes, paint, accent)
    front = _cover(draw.colors, shape, title, width, height, paint, accent)
    boards, spines, pages, printed = without_hidden(_parts(binding, thickness, bulge), binding.pieces)
    cloth = Material(paint, roughness=0.7 if shape == "dictionary" else 0.45, specular=0.35)
    edges = colors.mix(IVORY, GOLD, 0.6) if shape == "dictionary" else IVORY
    surfaces = [
        boards.surface(cloth),
        spines.surface(replace(cloth, texture=back)),
        pages.surface(Material(edges, roughness=0.9, specular=0.1, texture=_leaves(draw.colors, edges))),
        printed.surface(replace(cloth, texture=front)),
    ]
    if shape == "dictionary":
        surfaces.append(_thumb_index(width, height, thickness, paint))
    return Prop(
        kind="book",
        noun=VARIANTS[shape],
        color=name,
        surfaces=tuple(surfaces),
        hulls=hulls.vertices(binding.pieces),
        points={"base": np.zeros(3), "top": np.array([0.0, 0.0, height - INSET_M])},
        grips=(Faces((0.0, 0.0, height - 0.013), thickness, (0.0,)),),
        mass_kg=0.35,
    )


def _bound(width: float, height: float, thickness: float, bulge: float, volumes: int) -> Binding:
    """Return volumes that are together `thickness` thick."""
    binding, share = Binding(width, height), thickness / volumes
    for number in range(volumes):
        binding.bind((number - (volumes - 1) / 2.0) * share, share, bulge)
    return binding


def _parts(binding: Binding, thickness: float, bulge: float) -> list[Mesh]:
    """Return the covers, the spines, the pages, and the print on the front cover."""
    width, height = binding.width, binding.height
    spines = project_texture(
        shapes.merge(*binding.spines), (thickness / 2.0, 0.0, height), (0.0, 0.0, -height), (-thickness, 0.0, 0.0)
    )
    printed = panel(
        (thickness / 2.0 + 0.0002, -width / 2.0 + bulge + 0.001, height - 0.0005),
        (0.0, width - bulge - 0.0015, 0.0),
        (0.0, 0.0, 0.001 - height),
    )
    return [shapes.merge(*binding.boards), spines, shapes.merge(*binding.pages), printed]


def _accent(rng: np.random.Generator, name: str) -> Color:
    """Return the colour of the print on a cover of the given colour."""
    options = ("black", "white") if name in ("orange", "yellow") else ("white", "yellow", "orange", "white")
    return colors.named(options[int(rng.integers(len(options)))], rng)


def _cover(
    rng: np.random.Generator, shape: str, title: str, width: float, height: float, paint: Color, ink: Color
) -> npt.NDArray[np.uint8]:
    """Return the front cover: title and emblem in one of three designs, or a frame around them."""
    sheet = Canvas.of(width, height, paint, 96)
    middle = width / 2.0
    shade = colors.mix(paint, (0.0, 0.0, 0.0), 0.35)
    sheet.rectangle(0.004, height / 2.0, 0.002, height, shade)
    if shape == "dictionary":
        sheet.rectangle(middle, height / 2.0, width - 0.012, height - 0.012, ink)
        sheet.rectangle(middle, height / 2.0, width - 0.016, height - 0.016, paint)
        sheet.rectangle(middle, height / 2.0, width - 0.022, height - 0.022, ink)
        sheet.rectangle(middle, height / 2.0, width - 0.024, height - 0.024, paint)
        sheet.text("DICTIONARY", middle, 0.30 * height, 0.010, ink)
        sheet.text("A Z", middle, 0.55 * height, 0.024, ink)
        return sheet.texture()
    design = int(rng.integers(3))
    soft = colors.mix(paint, ink, 0.45)
    if design == 0:
        sheet.disc(middle, 0.60 * height, 0.30 * width, ink)
        sheet.disc(middle, 0.60 * height, 0.22 * width, paint)
        sheet.disc(middle, 0.60 * height, 0.12 * width, soft)
        sheet.text(title, middle, 0.20 * height, 0.018, ink)
    elif design == 1:
        sheet.rectangle(middle, 0.22 * height, width, 0.26 * height, ink)
        sheet.text(title, middle, 0.22 * height, 0.018, paint)
        for step in range(4):
            sheet.rectangle(middle, (0.52 + 0.09 * step) * height, (0.75 - 0.13 * step) * width, 0.006, soft)
    else:
        sheet.rectangle(middle, 0.82 * height, width, 0.36 * height, soft)
        sheet.disc(0.68 * width, 0.50 * height, 0.16 * width, ink)
        sheet.disc(0.25 * width, 0.80 * height, 0.26 * width, shade)
        sheet.disc(0.70 * width, 0.88 * height, 0.30 * width, shade)
        sheet.text(title, middle, 0.18 * height, 0.018, ink)
    sheet.rectangle(middle, 0.94 * height, 0.40 * width, 0.004, ink)
    return sheet.texture()


def _spine(
    shape: str, title: str, height: float, thickness: float, volumes: int, paint: Color, ink: Color
) -> npt.NDArray[np.uint8]:
    """Return the spines side by side, with their upper ends on the left and the front cover above."""
    sheet = Canvas.of(height, thickness, paint, 160)
    share = thickness / volumes
    if shape == "dictionary":
        for place in RIBS:
            for side in (-0.02, 0.02):
                sheet.rectangle((1.0 - place + side) * height, thickness / 2.0, 0.0016, thickness, ink)
        sheet.text("WORDS", 0.67 * height, thickness / 2.0, 0.012, ink)
        return sheet.texture()
    for number in range(volumes):
        y = (number + 0.5) * share
        for at in (0.07, 0.93):
            sheet.rectangle(at * height, y, 0.005, share, ink)
        if volumes > 1:
            sheet.disc(0.80 * height, y, 0.34 * share, ink)
            sheet.text(str(volumes - number), 0.80 * height, y, 0.38 * share, paint)
        sheet.text(title, 0.40 * height, y, 0.45 * share, ink)
    return sheet.texture()


def _leaves(rng: np.random.Generator, paper: Color) -> npt.NDArray[np.uint8]:
    """Return the edges of many pages, side by side along u."""
    shade = rng.uniform(0.72, 1.0, (1, 64, 1))
    return colors.to_texture(np.tile(np.asarray(paper) * shade, (4, 1, 1)))


def _thumb_index(width: float, height: float, thickness: float, ink: Color) -> Surface:
    """Return dark half-moons on the fore edge, each one lower and further back than the one before."""
    y, across = width / 2.0 - INSET_M, thickness - 2.0 * BOARD_M
    moons = []
    for number in range(8):
        share = (number + 0.5) / 8.0
        centre = ((0.5 - share) * 0.8 * across, y, (0.88 - 0.72 * share) * height)
        moons.append(pane(circle(centre, 0.0038, (0.0, 0.0, 1.0), (1.0, 0.0, 0.0), 10), 0.0002))
    return shapes.merge(*moons).surface(Material(colors.mix(ink, (0.0, 0.0, 0.0), 0.5), roughness=0.8))
