"""Attention over several processes. Importing this package loads neither torch nor a process."""
