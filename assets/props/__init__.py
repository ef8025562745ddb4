"""The props, by name."""

from __future__ import annotations

from typing import Protocol

from tracesim.assets.props.alarm_clock import alarm_clock
from tracesim.assets.props.basket import basket
from tracesim.assets.props.bell import bell
from tracesim.assets.props.block import block
from tracesim.assets.props.book import book
from tracesim.assets.props.bottle import bottle
from tracesim.assets.props.bowl import bowl
from tracesim.assets.props.bread import bread
from tracesim.assets.props.can import can
from tracesim.assets.props.candle import candle
from tracesim.assets.props.card_box import card_box
from tracesim.assets.props.carton import carton
from tracesim.assets.props.coaster import coaster
from tracesim.assets.props.computer_mouse import computer_mouse
from tracesim.assets.props.cup import cup
from tracesim.assets.props.fan import fan
from tracesim.assets.props.flower_pot import flower_pot
from tracesim.assets.props.fries import fries
from tracesim.assets.props.hamburger import hamburger
from tracesim.assets.props.hot_dog import hot_dog
from tracesim.assets.props.keyboard import keyboard
from tracesim.assets.props.mat import mat
from tracesim.assets.props.mug import mug
from tracesim.assets.props.peach import peach
from tracesim.assets.props.plate import plate
from tracesim.assets.props.pot import pot
from tracesim.assets.props.remote import remote
from tracesim.assets.props.rubber_duck import rubber_duck
from tracesim.assets.props.skillet import skillet
from tracesim.assets.props.stamp import stamp
from tracesim.assets.props.stand import stand
from tracesim.assets.props.stapler import stapler
from tracesim.assets.props.toy_car import toy_car
from tracesim.assets.props.tray import tray
from tracesim.assets.props.watering_can import watering_can
from tracesim.layout.prop import Prop
from tracesim.layout.randomness import Draw


class Factory(Protocol):
    """Makes props of one kind."""

    def __call__(self, draw: Draw, *, color: str | None = None) -> Prop:
        """Return a new prop; its colour is drawn unless given."""


PROPS: dict[str, Factory] = {
    "alarm_clock": alarm_clock,
    "basket": basket,
    "bell": bell,
    "block": block,
    "book": book,
    "bottle": bottle,
    "bowl": bowl,
    "bread": bread,
    "can": can,
    "candle": candle,
    "card_box": card_box,
    "carton": carton,
    "coaster": coaster,
    "computer_mouse": computer_mouse,
    "cup": cup,
    "fan": fan,
    "flower_pot": flower_pot,
    "fries": fries,
    "hamburger": hamburger,
    "hot_dog": hot_dog,
    "keyboard": keyboard,
    "mat": mat,
    "mug": mug,
    "peach": peach,
    "plate": plate,
    "pot": pot,
    "remote": remote,
    "rubber_duck": rubber_duck,
    "skillet": skillet,
    "stamp": stamp,
    "stand": stand,
    "stapler": stapler,
    "toy_car": toy_car,
    "tray": tray,
    "watering_can": watering_can,
}
"""Kind to factory."""

DISTRACTORS = ("block", "bottle", "bowl", "coaster", "cup", "flower_pot", "mug", "plate", "watering_can")
"""The kinds that distractors are drawn from where nobody says; another kind here is another scene for every seed."""

ONE_SHAPE = ("block",)
"""The kinds that look the same in every split of shapes: a cube has no form beside its size."""

__all__ = ["DISTRACTORS", "ONE_SHAPE", "PROPS"]
