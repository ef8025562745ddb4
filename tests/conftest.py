"""What every test shares. That it imports tracesim lets tests `import sapien` where there is no window system."""

from __future__ import annotations

import pytest
from hypothesis import settings

from tracesim.renderer import available

# The same examples in every run, and no stopwatch: a busy machine is not a failure.
settings.register_profile("steady", derandomize=True, deadline=None)
settings.load_profile("steady")


@pytest.fixture(scope="session")
def renderer() -> None:
    """Skip where nothing can draw."""
    if not available():
        pytest.skip("no Vulkan device can draw here")
