"""What stands in TraceSim's scenes: props, materials, shaders and embodiments."""
