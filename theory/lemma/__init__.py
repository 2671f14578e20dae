"""Facts that several papers use, proved once. Empty until a second paper needs one."""
