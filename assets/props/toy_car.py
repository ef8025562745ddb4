"""Toy vehicles with fixed wheels."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from tracesim.assets import colors, hulls, shapes
from tracesim.assets.hidden import without_hidden
from tracesim.assets.lofts import extrusion, loft, rounded
from tracesim.assets.panes import circle, pane, upright
from tracesim.assets.shapes import Mesh
from tracesim.assets.variants import choose
from tracesim.geometry.rigid import FloatArray, rotation_about, transform
from tracesim.layout.grips import Faces
from tracesim.layout.prop import Material, Prop
from tracesim.layout.randomness import Draw

VARIANTS = {"sedan": "toy car", "pickup": "toy truck", "bus": "toy bus"}
"""The noun for each shape in an instruction; the last shape is held out."""
CAR_COLORS = ("red", "blue", "yellow", "green", "orange", "teal", "purple", "pink", "white")
EDGE_M = 0.0010
"""Bevel of the long edges of the body."""
UNDER_M = 0.0055
"""Height of the underside of the body."""


@dataclass
class Build:
    """The parts of a vehicle so far, by material, and their collision hulls."""

    paint: list[Mesh] = field(default_factory=list)
    second: list[Mesh] = field(default_factory=list)
    glass: list[Mesh] = field(default_factory=list)
    lamps: list[Mesh] = field(default_factory=list)
    tails: list[Mesh] = field(default_factory=list)
    tyres: list[Mesh] = field(default_factory=list)
    hubs: list[Mesh] = field(default_factory=list)
    pieces: list[FloatArray] = field(default_factory=list)

    def block(self, outline: npt.ArrayLike, half_width: float, into: list[Mesh], edge: float = EDGE_M) -> None:
        """Add an extruded solid.

        Args:
            outline: Convex outline in x and z, (K, 2), metres, counter-clockwise.
            half_width: Half the width along y, metres.
            into: List of meshes to add it to.
            edge: Size of its bevel, metres.
        """
        into.append(loft(extrusion(outline, half_width, edge)))
        self.pieces.append(extrusion(outline, half_width))

    def lights(self, length: float, half_width: float, z: float, radius: float) -> None:
        """Add two round headlights and two tail lights."""
        for side in (-1.0, 1.0):
            y = side * (half_width - radius - 0.003)
            front = circle((length / 2.0, y, z), radius, (0.0, 1.0, 0.0), (0.0, 0.0, 1.0), 12)
            back = circle((-length / 2.0, y, z), 0.8 * radius, (0.0, -1.0, 0.0), (0.0, 0.0, 1.0), 12)
            self.lamps.append(pane(front))
            self.tails.append(pane(back))
        grille = [(-0.4, -0.5), (0.4, -0.5), (0.4, 0.5), (-0.4, 0.5)]
        corners = [(length / 2.0, y * half_width, z + v * radius * 1.5) for y, v in grille]
        self.tyres.append(pane(corners))

    def wheels(self, places: npt.ArrayLike, radius: float, half_width: float) -> None:
        """Add a pair of wheels at each x, and dark arches around them."""
        out, width = 0.0011, 0.007
        edge = [
            (0.45 * radius, -width),
            (radius - 0.0008, -width),
            (radius, 0.0008 - width),
            (radius, -out),
            (radius, -0.0008),
        ]
        tyre = shapes.lathe([*edge, (radius - 0.0008, 0.0), (0.0, 0.0)], 24)
        hub = shapes.lathe([(0.58 * radius, 0.0), (0.50 * radius, 0.0007), (0.0, 0.0007)], 16)
        lying = transform(rotation_about((0.0, 0.0, 1.0), np.pi / 16.0), np.zeros(3))
        solid = hulls.moved(hulls.turned([(radius, -width), (radius, 0.0)]), lying)
        half_turn = np.linspace(0.0, np.pi, 9)
        for x in np.asarray(places, float):
            arch = np.stack([x + 1.16 * radius * np.cos(half_turn), radius + 1.16 * radius * np.sin(half_turn)], 1)
            sill = [(x - 1.16 * radius, UNDER_M + 0.001), (x + 1.16 * radius, UNDER_M + 0.001)]
            for side in (-1.0, 1.0):
                turn = rotation_about((1.0, 0.0, 0.0), -side * np.pi / 2.0)
                pose = transform(turn, (x, side * (half_width + out), radius))
                self.tyres += [tyre.moved(pose), upright(np.vstack([sill, arch]), side * half_width)]
                self.hubs.append(hub.moved(pose))
                for piece in hulls.moved(solid, pose):
                    piece[..., 2] = np.where(
                        piece[..., 2] < 0.0005, 0.0, piece[..., 2]
                    )  # flat where they touch the table
                    self.pieces.append(piece)


def toy_car(draw: Draw, *, color: str | None = None, variant: str | None = None) -> Prop:
    """Return a toy vehicle that drives towards its front, to be gripped across its body between the wheels.

    Args:
        draw: Source of randomness.
        color: Colour of its body; random if None.
        variant: "sedan", "pickup" or "bus"; random if None.
    """
    shape = choose(draw, "toy_car", VARIANTS, variant)
    favourites = ("yellow", "yellow", "red", "blue", "green", "orange") if shape == "bus" else CAR_COLORS
    name = colors.pick(draw.colors, favourites, color)
    length, half_width = draw.sizes.uniform(0.094, 0.112), draw.sizes.uniform(0.0225, 0.0255)
    radius = draw.sizes.uniform(0.0092, 0.0100)
    build = Build()
    make = {"sedan": _sedan, "pickup": _pickup, "bus": _bus}[shape]
    height, hold_z = make(build, draw, length, half_width, radius)

    paint = Material(colors.named(name, draw.colors), roughness=0.22, specular=0.7)
    other = colors.named("gray" if name == "white" else "white", draw.colors)
    looks: tuple[tuple[list[Mesh], Material], ...] = (
        (build.paint, paint),
        (build.second, Material(other, roughness=0.3, specular=0.6)),
        (build.glass, Material((0.045, 0.065, 0.085), roughness=0.08, specular=0.9)),
        (build.tyres, Material((0.018, 0.018, 0.020), roughness=0.85, specular=0.2)),
        (build.hubs, Material((0.62, 0.63, 0.65), roughness=0.3, metallic=0.7)),
        (build.lamps, Material((0.95, 0.90, 0.62), roughness=0.15, specular=0.8)),
        (build.tails, Material((0.55, 0.02, 0.02), roughness=0.2, specular=0.8)),
    )
    used = [(shapes.merge(*meshes), material) for meshes, material in looks if meshes]
    seen = without_hidden([mesh for mesh, _ in used], build.pieces)
    return Prop(
        kind="toy_car",
        noun=VARIANTS[shape],
        color=name,
        surfaces=tuple(mesh.surface(material) for mesh, (_, material) in zip(seen, used, strict=True)),
        hulls=hulls.vertices(build.pieces),
        points={"base": np.zeros(3), "top": np.array([0.0, 0.0, height])},
        grips=(Faces((0.0, 0.0, hold_z), 2.0 * half_width),),
        mass_kg=0.12,
    )


def _sedan(build: Build, draw: Draw, length: float, half: float, radius: float) -> tuple[float, float]:
    """Add a body with hood, cabin and trunk; return the heights of the top and of the grip, metres."""
    belt, roof = draw.sizes.uniform(0.0225, 0.0245), draw.sizes.uniform(0.038, 0.042)
    back, front = draw.shapes.uniform(-0.036, -0.032), draw.shapes.uniform(0.024, 0.028)
    _lower_body(build, length, half, belt, (back, front))
    _cabin(build, (back, front), (back + 0.010, front - 0.014), (belt, roof), half - EDGE_M)
    build.lights(length, half, 0.64 * belt, 0.0040)
    build.wheels((-0.30 * length, 0.30 * length), radius, half)
    return roof, 0.0205


def _pickup(build: Build, draw: Draw, length: float, half: float, radius: float) -> tuple[float, float]:
    """Add a short hood, a cabin and an open bed; return the heights of the top and of the grip, metres."""
    belt, roof = draw.sizes.uniform(0.0215, 0.0235), draw.sizes.uniform(0.041, 0.045)
    back, front = -0.010, draw.shapes.uniform(0.030, 0.034)
    _lower_body(build, length, half, belt, (back, front))
    _cabin(build, (back, front), (back + 0.002, front - 0.011), (belt, roof), half - EDGE_M)
    wall, rail, tail = 0.0030, belt + 0.0095, -length / 2.0
    low = belt - 0.003
    side = np.array([(tail + 0.0005, low), (back - 0.001, low), (back - 0.001, rail), (tail + 0.0005, rail)])
    for sign in (-1.0, 1.0):
        at = transform(np.eye(3), (0.0, sign * (half - wall / 2.0 - 0.0004), 0.0))
        build.paint.append(loft(extrusion(side, wall / 2.0, 0.0006)).moved(at))
        build.pieces += hulls.moved([extrusion(side, wall / 2.0)], at)
    gate = np.array([(tail + 0.0005, low), (tail + 0.0035, low), (tail + 0.0035, rail), (tail + 0.0005, rail)])
    build.block(gate, half - 0.0016, build.paint, 0.0004)
    floor = [(tail + 0.004, -half + 0.004), (back - 0.001, -half + 0.004), (back - 0.001, half - 0.004)]
    build.tyres.append(pane([(x, y, belt) for x, y in [*floor, (tail + 0.004, half - 0.004)]]))
    build.lights(length, half, 0.62 * belt, 0.0042)
    build.wheels((-0.30 * length, 0.30 * length), radius, half)
    return roof, 0.0200


def _bus(build: Build, draw: Draw, length: float, half: float, radius: float) -> tuple[float, float]:
    """Add a long body with a row of windows and two roof hatches; return the heights of the top and of the grip."""
    roof, roof_m = draw.sizes.uniform(0.052, 0.058), 0.007
    low, high = 0.54 * roof, roof - roof_m - 0.0010
    side = [(0.5, 0.40), (0.497, 0.75), (0.475, 1.0), (-0.475, 1.0), (-0.497, 0.75), (-0.5, 0.40)]
    under = rounded(length / 2.0, roof / 4.0, 0.003, 3)[6:] + np.array([0.0, UNDER_M + roof / 4.0])
    top = [(x * length, roof - roof_m * (1.0 - z)) for x, z in side]
    build.block([*under, *top], half, build.paint, 0.0014)
    for x in (-0.27, 0.22):
        hatch = [(x - 0.09, -0.42), (x + 0.09, -0.42), (x + 0.09, 0.42), (x - 0.09, 0.42)]
        build.second.append(pane([(u * length, v * half, roof) for u, v in hatch]))
    count = 5
    start, pitch = -length / 2.0 + 0.006, (length - 0.010) / count
    for k in range(count):
        left, right = start + k * pitch, start + (k + 1) * pitch - 0.003
        glass = [(left, low), (right, low), (right, high), (left, high)]
        door = [(left, UNDER_M + 0.003), (right, UNDER_M + 0.003), (right, high), (left, high)]
        build.glass += [upright(glass, half), upright(door if k == count - 1 else glass, -half)]
    stripe_z = 0.47 * roof
    stripe = [(-0.47, -1.0), (0.47, -1.0), (0.47, 1.0), (-0.47, 1.0)]
    for y in (-half, half):
        build.second.append(upright([(x * length, stripe_z + z * 0.0016) for x, z in stripe], y, 0.0002))
    wide = half - 0.004
    front, back = length / 2.0, -length / 2.0
    build.glass.append(pane([(front, -wide, low), (front, wide, low), (front, wide, high), (front, -wide, high)]))
    build.glass.append(pane([(back, wide, low), (back, -wide, low), (back, -wide, high), (back, wide, high)]))
    build.lights(length, half, 0.27 * roof, 0.0042)
    build.wheels((-0.28 * length, 0.29 * length), radius, half)
    return roof, 0.034


def _lower_body(build: Build, length: float, half: float, belt: float, cabin: tuple[float, float]) -> None:
    """Add the body up to the windows; its top is left open where the cabin hides it."""
    middle = (UNDER_M + belt) / 2.0
    outline = rounded(length / 2.0, (belt - UNDER_M) / 2.0, 0.0050, 3) + np.array([0.0, middle])
    build.block([*outline[:3], (cabin[1] - 0.001, belt), (cabin[0] + 0.001, belt), *outline[3:]], half, build.paint)


def _cabin(
    build: Build,
    foot: tuple[float, float],
    top: tuple[float, float],
    heights: tuple[float, float],
    half: float,
) -> None:
    """Add a cabin with windows on all sides.

    Args:
        build: The vehicle.
        foot: x of its lower end, rear and front, metres.
        top: x of its roof, rear and front, metres.
        heights: z of its lower end and of its roof, metres.
        half: Half the width of the body, metres.
    """
    low, high = heights
    sunk = low - 0.002
    build.block([(foot[0], sunk), (foot[1], sunk), (foot[1], low), (top[1], high), (top[0], high), (foot[0], low)],
                half, build.paint)  # fmt: skip
    share = np.array([0.12, 0.80])
    backs = foot[0] + share * (top[0] - foot[0])
    fronts = foot[1] + share * (top[1] - foot[1])
    levels = low + share * (high - low)
    post = foot[0] + 0.52 * (foot[1] - foot[0])
    for side in (-half, half):
        for left, right in (
            ((backs[0] + 0.003, backs[1] + 0.003), (post - 0.0013, post - 0.0013)),
            ((post + 0.0013, post + 0.0013), (fronts[0] - 0.003, fronts[1] - 0.003)),
        ):
            build.glass.append(upright([(left[0], levels[0]), (right[0], levels[0]), (right[1], levels[1]),
                                        (left[1], levels[1])], side))  # fmt: skip
    wide = half - 0.0028
    ahead = [(fronts[0], -wide, levels[0]), (fronts[0], wide, levels[0]), (fronts[1], wide, levels[1])]
    behind = [(backs[0], wide, levels[0]), (backs[0], -wide, levels[0]), (backs[1], -wide, levels[1])]
    build.glass.append(pane([*ahead, (fronts[1], -wide, levels[1])]))
    build.glass.append(pane([*behind, (backs[1], wide, levels[1])]))
