"""Tiles of keys dealt to processors."""

from __future__ import annotations

from ._paper import PAPER

PERFECT = PAPER.claim(
    "near-perfect-occupancy",
    title="Processors are almost always busy, whatever the length of the context",
    statement=r"\frac{C}{G\lceil C/G\rceil}\ge\frac9{10}\quad\text{for all }C,G\ge1",
    locus="abstract: near-perfect occupancy irrespective of context length; nine tenths is our "
    "reading of near-perfect",
    scope="C equal tiles, G processors, time counted in tiles",
    not_covered="seconds",
    reconstructed=True,
)

BALANCE = PAPER.claim(
    "streamk-balance",
    title="Equal shares of consecutive tiles: the shortest schedule, and when it is nearly full",
    parts={
        "lower bound": r"\text{all loads}\le x\ \Longrightarrow\ C\le Gx",
        "occupancy": r"\frac C{G\lceil C/G\rceil}\ge1-\frac{G-1}C",
        "loads": r"\text{every load is }\lfloor C/G\rfloor\text{ or }\lceil C/G\rceil",
        "partials": r"\#\text{partial results}\le H+\min(G,C)-1",
        "table": r"G=108,\ (H,\tau)=(8,4),(8,32),(8,256),(32,4),(56,32),(64,1024):\quad "
        r"\lceil C/G\rceil=1,3,19,2,17,607,\ \#=32,110,115,108,140,171",
    },
    locus="the schedule of the paper; reconstructed",
    amends=PERFECT,
    scope="H heads of τ tiles, C = Hτ, tiles of unit time",
    not_covered="the time of the reduction",
    reconstructed=True,
)

FASTER = PAPER.claim(
    "faster-than-every-split",
    title="Equal shares take fewer tile-times than every fixed split",
    statement=r"\lceil H\tau/G\rceil<\text{time of }s\text{ splits per head, for every }s",
    locus="comparison with fixed splits; reconstructed",
    scope="splits of ⌈τ/s⌉ tiles dealt to the processor that is free first",
    not_covered="seconds",
    reconstructed=True,
)

NEVER_SLOWER = PAPER.claim(
    "vs-fixed-split",
    title="Equal shares are never slower than a fixed split, and as fast as one tile a job",
    parts={
        "never slower": r"\lceil H\tau/G\rceil\le\text{time of }s\text{ splits},\quad "
        r"H,\tau\le12,\ G\in\{3,5,8\}",
        "one tile a job": r"s=\tau:\quad\text{both take }\lceil H\tau/G\rceil",
        "fixed splits": r"H=1,\ \tau=64,\ G=108,\ s=1,2,4:\quad 64,\ 32,\ 16\text{ against }1",
    },
    locus="comparison with fixed splits; reconstructed",
    amends=FASTER,
    scope="splits of ⌈τ/s⌉ tiles dealt to the processor that is free first",
    not_covered="seconds",
    reconstructed=True,
)
