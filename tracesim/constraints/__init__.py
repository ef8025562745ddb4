"""Constraints: what an instruction asks for, as signed margins on a curve.

A constraint is one file of this folder and one line below, which the table of all constraints follows.
"""

from tracesim.constraints.aligned import Aligned as Aligned
from tracesim.constraints.apart import Apart as Apart
from tracesim.constraints.at_rest import AtRest as AtRest
from tracesim.constraints.band import Band as Band
from tracesim.constraints.base import Constraint as Constraint
from tracesim.constraints.base import Solid as Solid
from tracesim.constraints.base import Standing as Standing
from tracesim.constraints.beside import Beside as Beside
from tracesim.constraints.circles import Circles as Circles
from tracesim.constraints.clearance import Clearance as Clearance
from tracesim.constraints.contact import Contact as Contact
from tracesim.constraints.draws import Draws as Draws
from tracesim.constraints.dwell import Dwell as Dwell
from tracesim.constraints.filled import Filled as Filled
from tracesim.constraints.follows import Follows as Follows
from tracesim.constraints.gap import Gap as Gap
from tracesim.constraints.grounded import Grounded as Grounded
from tracesim.constraints.hangs_on import HangsOn as HangsOn
from tracesim.constraints.keep_out import KeepOut as KeepOut
from tracesim.constraints.opened import OpenedTo as OpenedTo
from tracesim.constraints.opened import OpenedWithin as OpenedWithin
from tracesim.constraints.order import Order as Order
from tracesim.constraints.passes import Gate as Gate
from tracesim.constraints.passes import Passes as Passes
from tracesim.constraints.patch import Patch as Patch
from tracesim.constraints.region import Box as Box
from tracesim.constraints.region import Cylinder as Cylinder
from tracesim.constraints.region import Region as Region
from tracesim.constraints.region import Volume as Volume
from tracesim.constraints.rests_on import RestsOn as RestsOn
from tracesim.constraints.shakes import Shakes as Shakes
from tracesim.constraints.showered import Showered as Showered
from tracesim.constraints.speed import Speed as Speed
from tracesim.constraints.spilled import Spilled as Spilled
from tracesim.constraints.tilt import Tilt as Tilt
from tracesim.constraints.touches import Touches as Touches
from tracesim.constraints.turned import TurnedTo as TurnedTo
from tracesim.constraints.turned import TurnedWithin as TurnedWithin
from tracesim.constraints.undisturbed import Undisturbed as Undisturbed
from tracesim.constraints.upright import Upright as Upright
from tracesim.constraints.visiting import Visiting as Visiting
from tracesim.constraints.visits import Stops as Stops
from tracesim.constraints.visits import Visits as Visits
from tracesim.constraints.wipes import Wipes as Wipes
from tracesim.constraints.wipes_only import WipesOnly as WipesOnly
