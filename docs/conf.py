"""The documentation: ``make docs`` writes it to docs/site."""

project = "AttnProof"
author = "the AttnProof authors"
extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["site"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
html_theme = "furo"
html_title = "AttnProof"
html_copy_source = False
html_show_sphinx = False
# Wherever a page points must exist.
nitpicky = True
