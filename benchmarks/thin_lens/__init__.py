"""Photographs as a thin lens takes them, ray by ray: the truth that lens blur is measured against."""
