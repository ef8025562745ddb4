"""Planning and control of the robot that follows a trace."""
