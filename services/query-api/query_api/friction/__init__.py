"""Friction: rage clicks, dead clicks, quick-backs and errors. What they are is said by the schema's views."""
