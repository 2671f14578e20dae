"""The linear variant: what it computes, at what cost, and how close to the Perron vector."""
