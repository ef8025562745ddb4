"""Another simulator, in a Python environment of its own, measured in turn with TraceSim."""
