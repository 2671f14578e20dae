"""One specification per operator."""
