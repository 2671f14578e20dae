"""The fundamental matrix of an absorbing chain: what it counts, and when it is one."""
