"""Runs checks: pytest plugin, command line, child processes."""
