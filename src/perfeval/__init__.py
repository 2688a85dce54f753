"""perfeval: 预算绩效自评 for government departments, exact and explained."""

import os

# Textual reads this once, when imported. With the kitty keyboard protocol a Chinese word committed
# by an input method arrives garbled, or not at all; we need none of the keys it would add.
os.environ.setdefault("TEXTUAL_DISABLE_KITTY_KEY", "1")
# What was typed waits for the next frame to be painted: 4 ms, not 17.
os.environ.setdefault("TEXTUAL_FPS", "240")

__version__ = "0.1.0"
