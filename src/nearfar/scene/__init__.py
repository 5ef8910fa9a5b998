"""Scenes with a known truth: a scene, a pose and a calibration become colour and exact depth."""
