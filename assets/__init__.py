"""The contents of TraceSim's scenes: props, materials, rooms, shaders and robots."""
