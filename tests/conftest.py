"""What every test shares."""

from __future__ import annotations

# Importing tracesim first makes `import sapien` work where there is no window system.
import tracesim  # noqa: F401
