"""SAPIEN: scene, robot, recording and pictures."""
