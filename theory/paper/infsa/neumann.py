"""The Neumann series, its remainder, its derivative and its walks."""
