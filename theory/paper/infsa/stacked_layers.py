"""What L stacked layers compute."""
