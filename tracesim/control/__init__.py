"""How a robot follows a trace."""
