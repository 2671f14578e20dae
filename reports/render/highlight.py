"""Python source as HTML with classes, so that both themes can colour it."""

from __future__ import annotations

from markupsafe import Markup


def highlight(source: str) -> Markup:
    """The source as ``<pre class="code">`` with Pygments' token classes."""
    from pygments import highlight as colour
    from pygments.formatters import HtmlFormatter
    from pygments.lexers import PythonLexer

    return Markup(colour(source, PythonLexer(), HtmlFormatter(nowrap=True)))
