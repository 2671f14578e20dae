"""InLine attention, on features."""
