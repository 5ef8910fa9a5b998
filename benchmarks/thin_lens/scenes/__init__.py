"""Scenes that are hard to blur. No renderer of nearfar was tuned on them."""
