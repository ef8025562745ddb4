"""Physics and rendering with SAPIEN: scenes, robots, recording and pictures."""
