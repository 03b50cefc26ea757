"""From where a window can be played, and why not from its beginning, or not at all."""
