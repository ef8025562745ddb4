"""What a user asks for: the configuration of a run, and what varies between its scenes."""

from tracesim.configuration.run import ROBOT as ROBOT
from tracesim.configuration.run import TWO_ARMED as TWO_ARMED
from tracesim.configuration.run import Control as Control
from tracesim.configuration.run import ControllerOptions as ControllerOptions
from tracesim.configuration.run import EpisodeConfiguration as EpisodeConfiguration
from tracesim.configuration.run import PolicyChoice as PolicyChoice
from tracesim.configuration.run import RunConfiguration as RunConfiguration
from tracesim.configuration.run import Video as Video
from tracesim.configuration.run import canonical_json as canonical_json
from tracesim.configuration.run import without_later_defaults as without_later_defaults
from tracesim.configuration.variation import Variation as Variation
from tracesim.configuration.variation.instruction import Language as Language
