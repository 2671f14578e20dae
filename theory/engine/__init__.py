"""What establishes things. Each engine says no with an exact witness, or that it cannot tell."""
