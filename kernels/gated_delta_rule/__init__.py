"""The gated delta rule, chunk by chunk."""
