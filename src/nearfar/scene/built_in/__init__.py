"""The scenes that nearfar brings along."""
