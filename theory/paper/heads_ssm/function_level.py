"""What heads can do once their coefficients see the input."""
