"""Policy servers that speak openpi's websocket protocol, and answer observations with chunks of commands."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np

from tracesim.errors import ConfigurationError
from tracesim.failure import EpisodeEnded, Failure
from tracesim.geometry.rigid import FloatArray
from tracesim.language.question import Question
from tracesim.machine.extras import importing
from tracesim.models.action_server import PURPOSE, ActionServer
from tracesim.models.patience import Patience
from tracesim.observation import Observation
from tracesim.policy import CommandPolicy

ACTIONS = "actions"
"""Key of the chunk of commands in a server's answer."""


@dataclass(kw_only=True)
class Remote(Patience, CommandPolicy):
    """Asks a policy server, by openpi's websocket protocol, for chunks of commands below the trace.

    The server is sent the policy camera's image, the state of the arm and the instruction, and answers with an array of
    20 commands a second, of the kind that `control` says. The state has the form of a command: joint positions for
    control=joint_position, else the tool's pose, followed by the opening of the hand.
    """

    server_options: ClassVar[frozenset[str]] = frozenset(
        ("url", "api_key_env", "timeout_s", "retries", "backoff_s", "longest_wait_s", "budget_queries", "budget_s")
    )

    url: str = "ws://127.0.0.1:8000"
    """Address of the server."""

    api_key_env: str = ""
    """Environment variable that holds the API key, if one is needed; the key is neither stored nor shown."""

    horizon: int = 10
    """Number of commands of each chunk that are followed before the server is asked again; all if there are fewer."""

    max_steps: int = 1200
    """Greatest number of commands in an episode, which is then judged as it stands; 20 are a second."""

    image_px: int = 224
    """Width and height of the image that is sent; it is scaled to fit, with black above and below."""

    image_key: str = "observation/image"
    """Key of the image, (`image_px`, `image_px`, 3) uint8, sRGB."""

    state_key: str = "observation/state"
    """Key of the state of the arm and the hand, (D,) float32."""

    prompt_key: str = "prompt"
    """Key of the instruction, a text."""

    def __post_init__(self) -> None:
        """Check the options, so that mistakes are reported before anything is played."""
        Patience.__post_init__(self)
        for name in ("horizon", "max_steps", "image_px"):
            if getattr(self, name) < 1:
                raise ConfigurationError(f"policy.{name}={getattr(self, name)}: has to be 1 or more.")
        keys = (self.image_key, self.state_key, self.prompt_key)
        if len(set(keys)) < len(keys):
            raise ConfigurationError(
                f"policy.image_key, policy.state_key and policy.prompt_key are {', '.join(keys)}: they have to differ."
            )
        if self.api_key_env and not os.environ.get(self.api_key_env):
            raise ConfigurationError(
                f"The environment variable {self.api_key_env} is not set. Set it to the API key, or name another "
                "variable by policy.api_key_env."
            )
        self._server  # noqa: B018 - checks the URL and the packages

    @cached_property
    def _server(self) -> ActionServer:
        key = {"Authorization": f"Api-Key {os.environ[self.api_key_env]}"} if self.api_key_env else {}
        return ActionServer(self.url, self, key)

    def commands(self, observation: Observation, state: FloatArray, question: Question) -> object:
        """Return the server's next chunk of commands; see `CommandPolicy.commands`."""
        answer = self._server.infer(self._sent(observation, state, question))
        if not isinstance(answer, Mapping) or ACTIONS not in answer:
            has = f"the keys {', '.join(map(str, answer))}" if isinstance(answer, Mapping) and answer else "nothing"
            raise EpisodeEnded(Failure("answer", "no_actions", f"the server's answer has no {ACTIONS!r}; it has {has}"))
        return answer[ACTIONS]

    def close(self) -> None:
        """Close the connection."""
        self._server.close()

    def _sent(self, observation: Observation, state: FloatArray, question: Question) -> dict[str, Any]:
        """Return what the server is sent."""
        with importing("remote", PURPOSE):
            from openpi_client.image_tools import resize_with_pad
        return {
            self.image_key: resize_with_pad(observation.rgb, self.image_px, self.image_px),
            self.state_key: state.astype(np.float32),
            self.prompt_key: question.instruction,
        }
